/** The form for a new task. */

import { byId } from "./document.js";
import { TaskFields } from "./fields.js";

export class Composer {
  #form = byId("composer");
  #title = byId("new-title");
  #toggle = byId("more-fields");
  #details = byId("new-fields");
  #fields = new TaskFields(this.#form, this.#details);

  /** @param {(content: import("../api.js").Content) => void} add */
  constructor(add) {
    this.#fields.write();
    this.#toggle.addEventListener("click", () => this.#open(this.#details.hidden));
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      const content = this.#fields.read();
      if (content === null) return;
      add(content);
      this.#fields.write();
      this.#title.focus();
    });
    this.#form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.#form.requestSubmit();
      if (event.key === "Escape" && !this.#details.hidden) {
        this.#open(false);
        this.#title.focus();
      }
    });
  }

  focus() {
    this.#title.focus();
  }

  /** Puts back what the API has refused, with its reasons; unless the user is at the next task already. */
  giveBack(content, problem) {
    if (this.#title.value !== "") return false;
    this.#fields.write(content);
    this.#open(true);
    this.#fields.refused(problem.errors.length > 0 ? problem.errors : [{ detail: problem.message }]);
    return true;
  }

  #open(isOpen) {
    this.#details.hidden = !isOpen;
    this.#toggle.setAttribute("aria-expanded", String(isOpen));
  }
}
