/** A change that met another one: both versions, and what becomes of them. */

import { contentOf } from "../api.js";
import { dueText } from "../days.js";
import { arrange, byId, element } from "./document.js";

const LABELS = { title: "Title", description: "Notes", due: "Due", priority: "Priority", tags: "Tags", completed: "Completed" };

export class ConflictDialog {
  #dialog = byId("conflict");
  #settle;
  #id = null;

  /** @param {(id: string, patch: object | null) => void} settle See {@link import("../tasks.js").Tasks#settle}. */
  constructor(settle) {
    this.#settle = settle;
    byId("conflict-form").addEventListener("submit", (event) => event.preventDefault());
  }

  get isOpen() {
    return this.#dialog.open;
  }

  /**
   * @param {string} id
   * @param {import("../tasks.js").Conflict} conflict
   */
  show(id, { before, mine, theirs }) {
    this.#id = id;
    if (mine === null) this.#showDeletion(before, theirs);
    else if (theirs === null) this.#showGone(before, mine);
    else this.#showVersions(before, mine, theirs);
    this.#dialog.showModal();
  }

  #showDeletion(before, theirs) {
    this.#say("Delete it all the same?", `You deleted “${before.title}”. Meanwhile it was changed elsewhere.`);
    const changed = Object.keys(LABELS).filter((name) => !isSame(before[name], theirs[name]));
    arrange(byId("conflict-fields"), changed.map((name) => comparison(name, "When you deleted it", before, "As it is now", theirs)));
    this.#offer([
      ["Delete it", () => null],
      ["Keep it", () => ({}), true],
    ]);
  }

  #showGone(before, mine) {
    this.#say("It was deleted elsewhere", `You changed “${before.title}”, which is gone meanwhile.`);
    const whole = { ...before, ...mine };
    arrange(byId("conflict-fields"), Object.keys(mine).map((name) => comparison(name, "Before", before, "Yours", whole)));
    this.#offer([
      ["Let it go", () => ({})],
      ["Create it again with my changes", () => contentOf(whole), true],
    ]);
  }

  #showVersions(before, mine, theirs) {
    this.#say("Two versions of one task", `“${before.title}” was changed elsewhere while you were changing it. Choose what to keep.`);
    const whole = { ...before, ...mine };
    // What only they have changed needs no choice; it is shown, since the user has not seen it yet.
    const choices = Object.keys(mine).filter((name) => !isSame(mine[name], theirs[name]));
    const theirsOnly = Object.keys(LABELS).filter((name) => !(name in mine) && !isSame(before[name], theirs[name]));
    const fields = choices.map((name) => choice(name, whole, theirs));
    const others = theirsOnly.map((name) => comparison(name, "Before", before, "Changed elsewhere", theirs));
    arrange(byId("conflict-fields"), [...fields, ...others]);
    const chosen = () => {
      const data = new FormData(byId("conflict-form"));
      return Object.fromEntries(choices.filter((name) => data.get(name) === "mine").map((name) => [name, mine[name]]));
    };
    this.#offer([
      ["Take theirs", () => ({})],
      ["Keep all of mine", () => mine],
      ["Save what is chosen", chosen, true],
    ]);
  }

  #say(title, text) {
    byId("conflict-title").textContent = title;
    byId("conflict-text").textContent = text;
  }

  /** @param {[string, () => object | null, boolean?][]} offers Label, what to change in their version, whether it is the main one. */
  #offer(offers) {
    const buttons = offers.map(([label, patch, isMain = false]) => {
      const button = element("button", { type: "button", className: isMain ? "primary" : "quiet" }, label);
      button.addEventListener("click", () => {
        this.#dialog.close();
        this.#settle(this.#id, patch());
      });
      return button;
    });
    arrange(byId("conflict-actions"), buttons);
  }
}

function choice(name, mine, theirs) {
  const option = (value, label, task, checked) =>
    element(
      "label",
      { className: "version" },
      element("input", { type: "radio", name, value, checked }),
      element("span", { className: "version-whose" }, label),
      element("span", { className: "version-value", dir: "auto" }, valueText(name, task[name])),
    );
  return element(
    "fieldset",
    { className: "version-field" },
    element("legend", {}, LABELS[name]),
    option("mine", "Yours", mine, true),
    option("theirs", "Theirs", theirs, false),
  );
}

function comparison(name, firstLabel, first, secondLabel, second) {
  const side = (label, task) =>
    element(
      "div",
      { className: "version" },
      element("span", { className: "version-whose" }, label),
      element("span", { className: "version-value", dir: "auto" }, valueText(name, task[name])),
    );
  return element(
    "div",
    { className: "version-field", role: "group", ariaLabel: LABELS[name] },
    element("p", { className: "version-name" }, LABELS[name]),
    side(firstLabel, first),
    side(secondLabel, second),
  );
}

function valueText(name, value) {
  if (name === "completed") return value ? "Yes" : "No";
  if (value === null || value === "none" || value.length === 0) return "None";
  if (name === "due") return dueText(value, new Date());
  if (name === "priority") return value[0].toUpperCase() + value.slice(1);
  return Array.isArray(value) ? value.join(", ") : value;
}

const isSame = (a, b) => JSON.stringify(a) === JSON.stringify(b);
