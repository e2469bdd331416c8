/**
 * Whether the API can be reached, and when to try again.
 *
 * All requests share it: what one learns (offline; busy for two seconds) holds for the others. Dispatches `change`.
 */

import { Problem } from "./problems.js";

const FIRST_WAIT_SECONDS = 1;
const LONGEST_WAIT_SECONDS = 30;

export class Connection extends EventTarget {
  #failures = 0;
  #timer = 0;
  #waiting = [];

  /** @type {"up" | "offline" | "unreachable" | "busy"} */
  state = "up";

  /** When the next try is due, Unix milliseconds. */
  nextTry = 0;

  constructor() {
    super();
    addEventListener("online", () => this.tryNow());
    addEventListener("offline", () => this.#close("offline", LONGEST_WAIT_SECONDS));
    if (!navigator.onLine) this.#close("offline", LONGEST_WAIT_SECONDS);
  }

  /** Resolves when a request may go out; rejects with the signal's reason. */
  async open(signal) {
    while (this.#timer !== 0) {
      signal?.throwIfAborted();
      await new Promise((resolve) => {
        this.#waiting.push(resolve);
        signal?.addEventListener("abort", resolve, { once: true });
      });
    }
    signal?.throwIfAborted();
  }

  /** A request got an answer. */
  succeeded() {
    this.#failures = 0;
    if (this.state !== "up") {
      this.state = "up";
      this.dispatchEvent(new Event("change"));
    }
  }

  /**
   * A request failed in a way that may pass.
   *
   * The wait is what the API asks for (Retry-After); where it asks for none, it doubles with each failure. A little
   * chance keeps many clients from coming back at the same moment; it never makes the wait shorter than asked for.
   *
   * @param {Error} error
   */
  failed(error) {
    const busy = error instanceof Problem;
    const asked = busy ? error.retryAfter : null;
    const doubled = Math.min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** this.#failures);
    this.#failures += 1;
    const state = busy ? "busy" : navigator.onLine ? "unreachable" : "offline";
    this.#close(state, (asked || doubled) * (1 + Math.random() / 5));
  }

  /** Lets everything that waits try at once. */
  tryNow() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    if (this.#waiting.length === 0) this.state = "up"; // as far as anybody wants to know
    for (const resolve of this.#waiting.splice(0)) resolve();
    this.dispatchEvent(new Event("change"));
  }

  #close(state, seconds) {
    clearTimeout(this.#timer);
    this.state = state;
    this.nextTry = Date.now() + seconds * 1000;
    this.#timer = setTimeout(() => this.tryNow(), seconds * 1000);
    this.dispatchEvent(new Event("change"));
  }
}
