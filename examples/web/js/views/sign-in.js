/** Signing in: at first in the page, later in a dialog over it, so that nothing on it is lost. */

import { developmentToken, TokenRefused } from "../session.js";
import { byId, copyOf, partOf } from "./document.js";

export class SignIn {
  #session;
  #section = byId("sign-in");
  #dialog = byId("sign-in-again");

  /**
   * @param {import("../session.js").Session} session
   * @param {string | null} tokenEndpoint
   * @param {() => void} signOut
   */
  constructor(session, tokenEndpoint, signOut) {
    this.#session = session;
    for (const place of [this.#section, this.#dialog]) {
      const form = signInForm(session, tokenEndpoint);
      const leave = partOf(form, "sign-out");
      leave.hidden = place !== this.#dialog;
      leave.addEventListener("click", signOut);
      place.append(form);
    }
    // Without a token there is nothing to go back to.
    this.#dialog.addEventListener("cancel", (event) => event.preventDefault());
    session.addEventListener("signinneeded", () => this.ask());
    session.addEventListener("signedin", () => this.#dialog.close());
  }

  /** Asks for a token: in the page when nobody is signed in, else over it. */
  ask() {
    const { user } = this.#session;
    if (user === null) {
      this.#section.hidden = false;
      this.#section.querySelector("button.demo-user, textarea")?.focus();
      return;
    }
    byId("sign-in-again-text").textContent = `Your session has ended. Sign in again as ${user}: everything that you have entered is still here.`;
    this.#dialog.querySelector("[name=user]").value = user;
    if (!this.#dialog.open) this.#dialog.showModal();
  }

  /** Whether the dialog is open. */
  get isOpen() {
    return this.#dialog.open;
  }

  hide() {
    this.#section.hidden = true;
  }
}

function signInForm(session, tokenEndpoint) {
  const form = copyOf("sign-in-form");
  const error = partOf(form, "error");
  const { user, token } = form.elements;
  partOf(form, "demo").hidden = tokenEndpoint === null;
  partOf(form, "by-token").open = tokenEndpoint === null;
  form.querySelector("summary").hidden = tokenEndpoint === null;

  const signIn = async (name) => {
    error.textContent = "";
    try {
      const pasted = token.value.replace(/\s+/g, "");
      if (name === "" && pasted === "") throw new TokenRefused("Give a token or a name.");
      session.accept(pasted !== "" ? pasted : await developmentToken(tokenEndpoint, name));
      token.value = "";
    } catch (refusal) {
      if (!(refusal instanceof TokenRefused)) throw refusal;
      error.textContent = refusal.message;
    }
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    signIn(tokenEndpoint === null ? "" : user.value.trim());
  });
  form.addEventListener("click", ({ target }) => {
    if (target.dataset.user === undefined) return;
    token.value = "";
    signIn(target.dataset.user);
  });
  return form;
}
