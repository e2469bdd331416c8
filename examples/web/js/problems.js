/** What can go wrong with a request, as values that the rest of the page can tell apart. */

/** The API answered with a problem document (RFC 9457). */
export class Problem extends Error {
  /**
   * @param {number} status HTTP status.
   * @param {object} document The body; empty when it was no JSON, as from something between us and the API.
   * @param {number | null} retryAfter Seconds to wait, from Retry-After.
   */
  constructor(status, document, retryAfter) {
    super(document.detail ?? `The API answered with status ${status}.`);
    this.status = status;
    this.code = document.code ?? "";
    /** Members of a 422: {pointer | parameter | header, code, detail}. */
    this.errors = document.errors ?? [];
    /** The task as it is now, with a 409 or 412; null when there is none. */
    this.current = document.current ?? null;
    this.requestId = document.request_id ?? "";
    this.retryAfter = retryAfter;
  }

  /** Whether the task was deleted elsewhere: for good, or into the trash. */
  get isGone() {
    return this.status === 404 || this.code === "task_trashed" || (this.status === 412 && Boolean(this.current?.trashed_at));
  }

  /** Whether the same request may succeed later: the API is busy, or its store is not there. */
  get isPassing() {
    return this.status === 429 || this.status === 503;
  }
}

/** No answer came: no network, no server, too slow, or an API that does not allow this page's origin. */
export class Unreachable extends Error {}

/** The user signed out while the request waited. */
export class SignedOut extends Error {}
