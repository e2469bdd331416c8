/**
 * A client of the task API (docs/task-api.md).
 *
 * One method for each operation that the page uses. Retrying is the callers' business, except after a 401: a request
 * then waits until the user has signed in again.
 */

import { Problem, Unreachable } from "./problems.js";

const TIMEOUT_MS = 15_000;
const LONGEST_WAIT_SECONDS = 3600; // what a used up quota asks for; a timer of many days would go off at once

/** @typedef {{title: string, description: string|null, due: string|null, priority: string, tags: string[],
 *    completed: boolean, list_id?: string|null, position?: string,
 *    checklist?: {id: string, title: string, completed: boolean}[]}} Content What a user writes of a task. The page has
 *    no fields for the last three, and keeps what other clients wrote there. */

/** @typedef {Content & {id: string, user_id: string, completed_at: string|null, trashed_at: string|null, created_at: string,
 *    updated_at: string, version: number, etag: string}} Task */

/** All of a task that a user writes, so that it can be written again. */
export const contentOf = ({ title, description, due, priority, tags, completed, list_id, position, checklist }) =>
  ({ title, description, due, priority, tags, completed, list_id, position, checklist });

export class TaskApi {
  #base;
  #session;

  /**
   * @param {string} base Without a slash at the end; "" for this page's origin.
   * @param {import("./session.js").Session} session
   */
  constructor(base, session) {
    this.#base = base;
    this.#session = session;
  }

  /**
   * A page of tasks.
   *
   * @param {URLSearchParams} parameters
   * @param {AbortSignal} signal
   * @returns {Promise<{items: Task[], next_cursor: string|null}>}
   */
  list(parameters, signal) {
    return this.#send("GET", `?${parameters}`, { signal });
  }

  /**
   * Creates the task of an id that this page minted, unless it is there: safe to repeat. With the etag of one in the
   * trash it replaces that one, and takes it out.
   */
  create(id, content, trashed = null) {
    const headers = trashed === null ? { "If-None-Match": "*" } : { "If-Match": `"${trashed}"` };
    return this.#send("PUT", `/${id}`, { body: content, headers });
  }

  /** Changes members of a task if it still is as it was with this etag (JSON Merge Patch, RFC 7396). */
  update(id, patch, etag) {
    return this.#send("PATCH", `/${id}`, { body: patch, headers: { "If-Match": `"${etag}"` } });
  }

  /** Completes or reopens a task, whatever else was changed in it. */
  setCompleted(id, completed) {
    return this.#send("POST", `/${id}/toggle`, { body: { completed } });
  }

  /** Puts a task into the trash if it still is as it was with this etag. */
  delete(id, etag) {
    return this.#send("DELETE", `/${id}`, { headers: { "If-Match": `"${etag}"` } });
  }

  /** Takes a task out of the trash, as it was. */
  restore(id) {
    return this.#send("POST", `/${id}/restore`);
  }

  async #send(method, path, { body, headers = {}, signal } = {}) {
    for (;;) {
      const token = await this.#session.token();
      const response = await this.#fetch(method, path, body, { ...headers, Authorization: `Bearer ${token}` }, signal);
      if (response.status === 401) {
        this.#session.refuse(token);
        continue;
      }
      const document = await readJson(response);
      if (response.ok) return document;
      throw new Problem(response.status, document ?? {}, retryAfter(response));
    }
  }

  async #fetch(method, path, body, headers, signal) {
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    if (body !== undefined) headers["Content-Type"] = "application/json";
    try {
      return await fetch(`${this.#base}/users/me/tasks${path}`, {
        method,
        headers,
        body: body && JSON.stringify(body),
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
        credentials: "omit",
        cache: "no-store",
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new Unreachable("No answer from the API.", { cause: error });
    }
  }
}

async function readJson(response) {
  try {
    return response.status === 204 ? null : await response.json();
  } catch (error) {
    if (response.ok) throw new Unreachable("The API’s answer broke off.", { cause: error });
    return null;
  }
}

/** Seconds, from a number or an HTTP date (RFC 9110 section 10.2.3), 0 when it is past; null without a usable header. */
function retryAfter(response) {
  const value = response.headers.get("Retry-After");
  if (value === null) return null;
  // Date.parse takes nearly anything for a date.
  const date = /^\w{3}, .* GMT$/.test(value) ? Date.parse(value) : NaN;
  const seconds = /^\d+$/.test(value) ? Number(value) : (date - Date.now()) / 1000;
  return Number.isNaN(seconds) ? null : Math.min(Math.max(0, seconds), LONGEST_WAIT_SECONDS);
}
