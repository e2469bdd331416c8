// Trying again: which requests, when, and how often.

// #region retries
import type { Fetch } from "./client.js";

const BUSY = [429, 500, 502, 503, 504];

/** Sends a request again when the network or the service fails, if that can do no harm. */
export function withRetries(send: Fetch, most = 4, wait: (milliseconds: number) => Promise<void> = pause): Fetch {
  return async (request) => {
    for (let attempt = 1; ; attempt++) {
      const last = attempt === most || !isRepeatable(request);
      try {
        const response = await send(request.clone());
        if (last || !BUSY.includes(response.status)) return response;
        await wait(delay(attempt, Number(response.headers.get("Retry-After") ?? 0)));
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
  const isToggle = new URL(request.url).pathname.endsWith("/toggle");
  return request.headers.has(isToggle ? "Content-Type" : "Idempotency-Key"); // a toggle with a body sets a state
}

/** At least what the service asks for, growing, and not the same for all clients. */
function delay(attempt: number, retryAfter: number): number {
  return retryAfter * 1000 + Math.random() * 250 * 2 ** attempt;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
// #endregion
