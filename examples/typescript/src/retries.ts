// Trying again: which requests, when, and how often.

// #region retries
import type { Fetch } from "./client.js";

const BUSY = [429, 500, 502, 503, 504];
const LONGEST_WAIT = 60; // seconds

/** Sends a request again when the network or the service fails, if that can do no harm. */
export function withRetries(send: Fetch, most = 4, wait: (milliseconds: number) => Promise<void> = pause): Fetch {
  return async (request) => {
    for (let attempt = 1; ; attempt++) {
      const last = attempt === most || !isRepeatable(request);
      try {
        const response = await send(request.clone());
        const asked = secondsAsked(response.headers.get("Retry-After"));
        if (last || !BUSY.includes(response.status) || asked > LONGEST_WAIT) return response;
        await wait(delay(attempt, asked));
      } catch (error) {
        if (last || request.signal.aborted) throw error;
        await wait(delay(attempt, 0));
      }
    }
  };
}

/** Whether a request that may have been carried out can be sent once more. */
export function isRepeatable(request: Request): boolean {
  if (request.method !== "POST") return true;
  const { pathname } = new URL(request.url);
  if (pathname.endsWith("/move") || pathname.endsWith("/restore")) return true;
  const isToggle = pathname.endsWith("/toggle");
  return request.headers.has(isToggle ? "Content-Type" : "Idempotency-Key"); // a body names the state: `completeTask` sends no {}
}

/** What Retry-After asks for, a number of seconds or a date (RFC 9110 section 10.2.3); 0 when it is neither, or past. */
function secondsAsked(header: string | null): number {
  if (header === null) return 0;
  if (/^\d+$/.test(header)) return Number(header);
  const date = /^\w{3}, .* GMT$/.test(header) ? Date.parse(header) : NaN; // Date.parse takes nearly anything for a date
  return Math.max(0, (date - Date.now()) / 1000) || 0;
}

/** Milliseconds: at least what the service asks for, growing, and not the same for all clients. */
function delay(attempt: number, asked: number): number {
  return Math.max(asked, 2 ** (attempt - 1)) * 1000 * (1 + Math.random() / 4);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
// #endregion
