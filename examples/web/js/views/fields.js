/** The fields of a task in a form: reading, writing, checking. */

import { dueDay, dueFrom, isDay, timeOf } from "../days.js";
import { arrange, copyOf, element, partOf } from "./document.js";

const MOST_TAGS = 20;
let count = 0;

/** Characters as the API counts them: code points, after trimming and normalising. */
const lengthOf = (text) => [...text].length;
const clean = (text) => text.normalize().trim();

export class TaskFields {
  #form;
  #tagInput;
  #tagList;
  #tags = [];
  #completed = false;

  /**
   * @param {HTMLFormElement} form Has an input `title` and places for errors.
   * @param {HTMLElement} place Where the other fields go.
   */
  constructor(form, place) {
    this.#form = form;
    const fields = copyOf("task-fields");
    this.#tagInput = partOf(fields, "tag-input");
    this.#tagList = partOf(fields, "tags");
    this.#tagInput.addEventListener("keydown", (event) => this.#tagKey(event));
    this.#tagInput.addEventListener("change", () => this.#addTag());
    place.append(fields);
    count += 1;
    for (const error of form.querySelectorAll("[data-error]")) {
      error.id = `field-error-${count}-${error.dataset.error}`;
      this.#input(error.dataset.error).setAttribute("aria-describedby", error.id);
    }
  }

  /** Shows a task's content; without one, empty fields. */
  write({ title = "", description = null, due = null, priority = "none", tags = [], completed = false } = {}) {
    const { elements } = this.#form;
    elements.title.value = title;
    elements.description.value = description ?? "";
    elements.day.value = due === null ? "" : dueDay(due);
    elements.time.value = due === null || isDay(due) ? "" : timeOf(new Date(due));
    elements.priority.value = priority;
    this.#tagInput.value = "";
    this.#tags = [...tags];
    this.#completed = completed;
    this.#renderTags();
    this.#showErrors([]);
  }

  /** The content, or null with the errors shown and the first wrong field focused. */
  read() {
    this.#addTag();
    const { elements } = this.#form;
    const errors = [];
    const refuse = (name, detail) => errors.push({ pointer: `/${name}`, detail });
    const title = clean(elements.title.value);
    const description = clean(elements.description.value);
    if (title === "") refuse("title", "A task needs a title.");
    if (lengthOf(title) > 500) refuse("title", `A title has at most 500 characters; this one has ${lengthOf(title)}.`);
    if (lengthOf(description) > 16_384) refuse("description", "Notes have at most 16,384 characters.");
    if (elements.day.validity.badInput || elements.time.validity.badInput) refuse("due", "This date is not complete.");
    if (elements.day.value === "" && elements.time.value !== "") refuse("due", "A time needs a day.");
    if (this.#tags.length > MOST_TAGS) refuse("tags", `A task has at most ${MOST_TAGS} tags.`);
    if (this.#tags.some((tag) => lengthOf(tag) > 50)) refuse("tags", "A tag has at most 50 characters.");
    this.#showErrors(errors);
    if (errors.length > 0) return null;
    const due = dueFrom(elements.day.value, elements.time.value);
    const tags = [...this.#tags];
    return { title, description: description || null, due, priority: elements.priority.value, tags, completed: this.#completed };
  }

  /** Shows what the API found wrong (the `errors` of a 422). */
  refused(errors) {
    this.#showErrors(errors);
  }

  /** @param {{pointer?: string, detail: string}[]} errors */
  #showErrors(errors) {
    const found = new Map();
    for (const { pointer = "", detail } of errors) {
      const name = pointer.split("/")[1];
      found.set(this.#form.querySelector(`[data-error="${CSS.escape(name ?? "")}"]`) ? name : "title", detail);
    }
    for (const place of this.#form.querySelectorAll("[data-error]")) {
      const detail = found.get(place.dataset.error);
      place.hidden = detail === undefined;
      place.textContent = detail ?? "";
      this.#input(place.dataset.error).toggleAttribute("aria-invalid", detail !== undefined);
    }
    const [first] = found.keys();
    if (first !== undefined) this.#input(first).focus();
  }

  #input(name) {
    if (name === "tags") return this.#tagInput;
    return this.#form.elements[name === "due" ? "day" : name];
  }

  #tagKey(event) {
    if (event.isComposing) return;
    const isEntered = event.key === "," || (event.key === "Enter" && this.#tagInput.value.trim() !== "");
    if (isEntered && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      this.#addTag();
    } else if (event.key === "Backspace" && this.#tagInput.value === "" && this.#tags.length > 0) {
      this.#tags.pop();
      this.#renderTags();
    }
  }

  #addTag() {
    const tag = clean(this.#tagInput.value);
    this.#tagInput.value = "";
    const isNew = !this.#tags.some((known) => known.toLowerCase() === tag.toLowerCase());
    if (tag !== "" && isNew) this.#tags.push(tag);
    this.#renderTags();
  }

  #removeTag(tag) {
    this.#tags = this.#tags.filter((other) => other !== tag);
    this.#renderTags();
    this.#tagInput.focus();
  }

  #renderTags() {
    this.#tagList.hidden = this.#tags.length === 0;
    const items = this.#tags.map((tag) => {
      const remove = element("button", { type: "button", className: "tag removable", ariaLabel: `Remove tag ${tag}` }, `${tag} ×`);
      remove.addEventListener("click", () => this.#removeTag(tag));
      return element("li", {}, remove);
    });
    arrange(this.#tagList, items);
  }
}

/** The members in which a form's content differs from a task: a JSON Merge Patch. */
export function patchOf(task, content) {
  const isSame = (a, b) => (Array.isArray(a) ? a.length === b.length && a.every((tag, index) => tag === b[index]) : a === b);
  return Object.fromEntries(Object.entries(content).filter(([name, value]) => name !== "completed" && !isSame(value, task[name])));
}
