/** What the page says by itself: toasts with something to undo, the state of the connection, what is not saved. */

import { arrange, byId, element, setText } from "./document.js";

const TOAST_MS = 10_000;

/** A short message at the bottom, with one thing that can be done about it. */
export class Toast {
  #element = byId("toast");
  #timer = 0;
  #action = null;

  constructor() {
    // Nobody has to hurry who is on it.
    for (const type of ["pointerenter", "focusin"]) this.#element.addEventListener(type, () => clearTimeout(this.#timer));
    for (const type of ["pointerleave", "focusout"]) this.#element.addEventListener(type, () => this.#hideLater());
  }

  /**
   * @param {string} text
   * @param {{label: string, run: () => void} | null} action
   */
  show(text, action = null) {
    this.#action = action;
    const children = [element("span", { className: "toast-text", dir: "auto" }, text)];
    if (action !== null) {
      const button = element("button", { type: "button", className: "toast-action" }, action.label);
      button.addEventListener("click", () => this.act());
      children.push(button);
    }
    arrange(this.#element, children);
    this.#hideLater();
  }

  /** Does what the toast offers; whether it offered anything. */
  act() {
    const action = this.#action;
    this.hide();
    action?.run();
    return action !== null;
  }

  hide() {
    clearTimeout(this.#timer);
    this.#action = null;
    arrange(this.#element, []);
  }

  #hideLater() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.hide(), TOAST_MS);
  }
}

/** Says something to those who can't see what happened. */
export const announce = (text) => setText(byId("announcer"), text);

/** What of the user's work is saved, and why not if not. */
export class SavingState {
  #tasks;
  #connection;
  #apiName;
  #bar = byId("bar");
  #text = element("span", {});
  #countdown = element("span", { ariaHidden: "true" });
  #button = element("button", { type: "button", className: "toast-action" });
  #action = null;

  /**
   * @param {import("../tasks.js").Tasks} tasks
   * @param {import("../connection.js").Connection} connection
   * @param {string} apiName The API's address, for the message.
   * @param {() => void} review Opens the first conflict.
   */
  constructor(tasks, connection, apiName, review) {
    this.#tasks = tasks;
    this.#connection = connection;
    this.#apiName = apiName;
    this.#button.addEventListener("click", () => this.#action?.());
    this.review = review;
    tasks.addEventListener("change", () => this.#render());
    connection.addEventListener("change", () => this.#render());
    setInterval(() => this.#renderCountdown(), 1_000);
    addEventListener("beforeunload", (event) => {
      if (tasks.unsaved > 0) event.preventDefault();
    });
  }

  #render() {
    const { state } = this.#connection;
    const { pending, conflicts } = this.#tasks;
    const unsent = pending === 1 ? "1 change not sent" : `${pending} changes not sent`;
    const isUp = state === "up";
    setText(byId("saving"), pending === 0 ? (isUp ? "" : stateName(state)) : isUp ? "Saving …" : `${stateName(state)} · ${unsent}`);
    byId("saving").dataset.state = isUp ? "up" : "down";
    const text = isUp ? conflictText(conflicts.length) : this.#downText(state, pending);
    setText(this.#text, text);
    this.#button.textContent = isUp ? "Review" : "Try now";
    this.#action = isUp ? this.review : () => this.#connection.tryNow();
    arrange(this.#bar, text === "" ? [] : [this.#text, this.#countdown, this.#button]);
    this.#renderCountdown();
  }

  #downText(state, pending) {
    const fate = pending > 0 ? " Your changes wait in this tab, so keep it open; they are sent when it works again." : "";
    switch (state) {
      case "offline":
        return `You are offline.${fate}`;
      case "busy":
        return `The API is busy.${fate}`;
      default:
        return `No answer from ${this.#apiName}. It may be down, or it may not allow pages of ${location.origin}.${fate}`;
    }
  }

  /** Seconds pass too often to be read out. */
  #renderCountdown() {
    const seconds = Math.ceil((this.#connection.nextTry - Date.now()) / 1000);
    setText(this.#countdown, this.#connection.state === "up" || seconds <= 0 ? "" : `Next try in ${seconds} s.`);
  }
}

const stateName = (state) => ({ offline: "Offline", busy: "API busy" })[state] ?? "No connection";

function conflictText(count) {
  if (count === 0) return "";
  return count === 1 ? "One of your changes met another one." : `${count} of your changes met others.`;
}
