/** One task in the list, as a row or as an editor. */

import { dueText, instantText, isDay, isPast } from "../days.js";
import { arrange, copyOf, element, partOf } from "./document.js";
import { patchOf, TaskFields } from "./fields.js";

const PRIORITY_NAMES = { high: "High", medium: "Medium", low: "Low" };

/** @typedef {"check" | "title" | "edit" | "delete" | "review"} Control */

export class Row {
  #line;
  #parts;
  #shown = "";
  #editor = null;

  /** @param {string} id */
  constructor(id) {
    this.id = id;
    this.element = copyOf("task-row");
    this.element.dataset.id = id;
    this.#line = partOf(this.element, "line");
    const names = ["check", "title", "notes", "meta", "conflict", "pending", "due", "priority", "tags", "review", "edit", "delete"];
    this.#parts = Object.fromEntries(names.map((name) => [name, partOf(this.element, name)]));
    this.#parts.title.id = `title-${id}`;
    this.#parts.check.setAttribute("aria-labelledby", this.#parts.title.id);
  }

  get isEditing() {
    return this.#editor !== null;
  }

  /**
   * Shows an entry. Elements are kept, and with them the focus.
   *
   * @param {import("../tasks.js").Entry} entry
   * @param {Date} now
   */
  show({ task, isPending, isLeaving, conflict }, now) {
    const due = task.due === null ? "" : dueText(task.due, now);
    const isLate = task.due !== null && !task.completed && isPast(task.due, now);
    const state = JSON.stringify([task, isPending, isLeaving, conflict !== null, due, isLate]);
    if (state === this.#shown) return;
    this.#shown = state;
    const { check, title, notes, meta, pending, priority, tags, review } = this.#parts;
    this.element.classList.toggle("completed", task.completed);
    this.element.classList.toggle("leaving", isLeaving);
    check.checked = task.completed;
    title.textContent = task.title;
    this.#parts.edit.ariaLabel = `Edit ${task.title}`;
    this.#parts.delete.ariaLabel = `Delete ${task.title}`;
    review.ariaLabel = `Review the conflict of ${task.title}`;
    notes.hidden = task.description === null;
    notes.textContent = task.description ?? "";
    pending.hidden = !isPending;
    this.#parts.conflict.hidden = review.hidden = conflict === null;
    this.#showDue(task, due, isLate, now);
    priority.hidden = task.priority === "none";
    priority.dataset.level = task.priority;
    priority.textContent = PRIORITY_NAMES[task.priority] ?? "";
    tags.hidden = task.tags.length === 0;
    arrange(tags, task.tags.map(tagItem));
    meta.hidden = [...meta.children].every((child) => child.hidden);
  }

  #showDue({ due: value }, text, isLate, now) {
    const { due } = this.#parts;
    due.hidden = value === null;
    if (value === null) return;
    due.dateTime = value;
    due.textContent = isLate ? `Overdue · ${text}` : text;
    due.title = isDay(value) ? value : instantText(value);
    due.classList.toggle("late", isLate);
    due.classList.toggle("today", !isLate && dueText(value, now).startsWith("Today"));
  }

  /** Whether the Tab key stops here: of all rows, it does in one. */
  set isCurrent(isCurrent) {
    for (const control of this.#line.querySelectorAll("button, input")) control.tabIndex = isCurrent ? 0 : -1;
  }

  /** @param {Control} control */
  focus(control = "title") {
    if (this.#editor) this.#editor.elements.title.focus();
    else this.#parts[control].focus();
  }

  /** The control that has the focus, null when none has. */
  get focused() {
    const part = this.#line.contains(document.activeElement) ? document.activeElement.dataset.part : undefined;
    return part ?? null;
  }

  /**
   * Opens the editor in the row's place.
   *
   * @param {import("../api.js").Task} task
   * @param {(patch: object | null) => void} done With what was changed; null when nothing was, or the user gave up.
   * @returns {TaskFields}
   */
  edit(task, done) {
    const form = copyOf("task-editor");
    const fields = new TaskFields(form, partOf(form, "fields"));
    fields.write(task);
    form.ariaLabel = `Edit ${task.title}`;
    const close = (patch) => {
      this.#editor = null;
      form.replaceWith(this.#line);
      done(patch);
      this.focus();
    };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const content = fields.read();
      if (content === null) return;
      const patch = patchOf(task, content);
      close(Object.keys(patch).length > 0 ? patch : null);
    });
    form.addEventListener("keydown", (event) => {
      if (event.key === "Escape") close(null);
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
      event.stopPropagation();
    });
    partOf(form, "cancel").addEventListener("click", () => close(null));
    this.#editor = form;
    this.#line.replaceWith(form);
    form.elements.title.focus();
    return fields;
  }
}

function tagItem(tag) {
  const filter = element("button", { type: "button", className: "tag", tabIndex: -1, ariaLabel: `Show only tag ${tag}`, dir: "auto" }, tag);
  filter.dataset.tag = tag;
  return element("li", {}, filter);
}
