/** Who is signed in. */

import { SignedOut } from "./problems.js";

/** What a user gave as a token can't be one, or is not theirs. Its message is for them. */
export class TokenRefused extends Error {}

/**
 * The claims of a JWT that the page shows. Nothing is verified here: that is the API's business.
 *
 * @param {string} token
 * @returns {{user: string, expires: number}} `expires` in Unix milliseconds, Infinity when the token does not say.
 */
export function readToken(token) {
  let claims;
  try {
    const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    claims = JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(payload), (char) => char.codePointAt(0))));
  } catch {
    throw new TokenRefused("This is not a token: a token has three parts with dots between them.");
  }
  if (token.split(".").length !== 3 || typeof claims?.sub !== "string") {
    throw new TokenRefused("This token does not say who it is for.");
  }
  return { user: claims.sub, expires: typeof claims.exp === "number" ? claims.exp * 1000 : Infinity };
}

/**
 * The access token and whose it is.
 *
 * Dispatches `signinneeded` when there is no token or the API refused it, and `signedin` when there is a new one.
 * Requests wait in between, so that nothing that the user has entered is lost.
 *
 * The token is kept for this tab only, and under the API's address: no link to another API gets to see it.
 */
export class Session extends EventTarget {
  #storage;
  #key;
  #token = null;
  #waiting = [];

  /** Whose tasks these are; stays while a fresh token is asked for. */
  user = null;

  /**
   * @param {Storage} storage sessionStorage.
   * @param {string} apiBase
   */
  constructor(storage, apiBase) {
    super();
    this.#storage = storage;
    this.#key = `tasks.token ${apiBase}`;
    const kept = storage.getItem(this.#key);
    if (kept !== null) {
      try {
        this.accept(kept);
      } catch {
        storage.removeItem(this.#key);
      }
    }
  }

  /** Whether there is a token that was not refused so far. */
  get isSignedIn() {
    return this.#token !== null;
  }

  /**
   * Takes a token.
   *
   * @param {string} token
   * @throws {TokenRefused} It is none, has expired, or is another user's while this one is still here.
   */
  accept(token) {
    const { user, expires } = readToken(token);
    if (expires <= Date.now()) throw new TokenRefused("This token has expired.");
    if (this.user !== null && user !== this.user) {
      throw new TokenRefused(`This token is for ${user}, and what you see is ${this.user}’s. Sign out first.`);
    }
    this.user = user;
    this.#token = token;
    this.#storage.setItem(this.#key, token);
    for (const waiter of this.#waiting.splice(0)) waiter.resolve(token);
    this.dispatchEvent(new Event("signedin"));
  }

  /** The token; waits for the user to sign in where there is none. Rejects with SignedOut when they sign out. */
  token() {
    if (this.#token !== null) return Promise.resolve(this.#token);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** The API answered 401 to this token; a newer one may have come since. */
  refuse(token) {
    if (token !== this.#token) return;
    this.#token = null;
    this.#storage.removeItem(this.#key);
    this.dispatchEvent(new Event("signinneeded"));
  }

  /** Forgets the token and the user; what waits is given up. */
  signOut() {
    this.#token = null;
    this.user = null;
    this.#storage.removeItem(this.#key);
    for (const waiter of this.#waiting.splice(0)) waiter.reject(new SignedOut());
  }
}

/** The token in `#token=…` of the address, which is taken out of it; null when there is none. */
export function takeTokenFromAddress() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token !== null) history.replaceState(null, "", location.pathname + location.search);
  return token;
}

/**
 * A development token from a server that gives them to anybody.
 *
 * @param {string} endpoint
 * @param {string} user
 * @throws {TokenRefused} There was none to be had.
 */
export async function developmentToken(endpoint, user) {
  let response;
  try {
    response = await fetch(endpoint, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ user }),
    });
  } catch {
    throw new TokenRefused("The development server does not answer. Is it running?");
  }
  const answer = await response.json().catch(() => ({}));
  if (response.ok && typeof answer.access_token === "string") return answer.access_token;
  throw new TokenRefused(
    answer.errors?.[0]?.detail ?? answer.detail ?? `The development server gave no token (${response.status}).`,
  );
}
