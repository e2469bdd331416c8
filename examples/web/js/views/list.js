/** The list: rows in groups, more of them as the user scrolls, and one row that the keyboard is on. */

import { groupOf, GROUPS } from "../days.js";
import { isFiltered } from "../query.js";
import { arrange, byId, element, setText } from "./document.js";
import { announce } from "./notices.js";
import { Row } from "./row.js";

const EMPTY = {
  open: ["Nothing to do", "Write down what needs doing in the field above."],
  completed: ["Nothing completed yet", "Tasks that you tick off are kept here."],
  all: ["No tasks yet", "Write down what needs doing in the field above."],
};

export class List {
  #tasks;
  #actions;
  #element = byId("list");
  #rows = new Map();
  #sections = new Map();
  #order = [];
  #current = null;
  #isEndVisible = false;
  #isEndNear = false;
  #wasCurrent = false;

  /**
   * @param {import("../tasks.js").Tasks} tasks
   * @param {object} actions What the user can do with a row.
   * @param {(id: string, completed: boolean) => void} actions.complete
   * @param {(id: string) => void} actions.remove
   * @param {(id: string) => void} actions.review
   * @param {(tag: string) => void} actions.filterTag
   */
  constructor(tasks, actions) {
    this.#tasks = tasks;
    this.#actions = actions;
    tasks.addEventListener("change", () => this.render());
    this.#element.addEventListener("click", (event) => this.#clicked(event));
    this.#element.addEventListener("change", (event) => this.#ticked(event));
    this.#element.addEventListener("keydown", (event) => this.#key(event));
    this.#element.addEventListener("focusin", (event) => this.#makeCurrent(idAt(event.target)));
    byId("more").addEventListener("click", () => this.#more());
    const observer = new IntersectionObserver(
      ([entry]) => {
        this.#isEndVisible = entry.isIntersecting;
        this.#moreIfVisible();
      },
      { rootMargin: "800px" },
    );
    observer.observe(byId("list-end"));
  }

  /** The task that the keyboard is on: the focused one, else the last that was; null without one. */
  get currentId() {
    return this.#rows.has(this.#current) ? this.#current : null;
  }

  /** Whether the focus is on a row, rather than in its editor or elsewhere. */
  get isFocused() {
    return this.#focusedRow()?.focused != null;
  }

  /** Moves by some rows from the current one; to the first one from elsewhere. */
  move(step) {
    if (this.#order.length === 0) return;
    const index = this.isFocused ? this.#order.indexOf(this.#current) + step : Math.max(0, this.#order.indexOf(this.#current));
    this.#focus(this.#order[Math.max(0, Math.min(this.#order.length - 1, index))]);
  }

  /** Opens a row's editor; with a patch that the API refused, to be put right. */
  edit(id, refused = null) {
    const row = this.#rows.get(id);
    if (row === undefined || row.isEditing || this.#tasks.entry(id) === null) return;
    const task = this.#tasks.beginEdit(id);
    const fields = row.edit(task, (patch) => (patch === null ? this.#tasks.endEdit(id) : this.#tasks.edit(id, patch)));
    if (refused === null) return;
    fields.write({ ...task, ...refused.patch });
    fields.refused(refused.problem.errors.length > 0 ? refused.problem.errors : [{ detail: refused.problem.message }]);
  }

  /** Whether an editor is open. */
  get isEditing() {
    return [...this.#rows.values()].some((row) => row.isEditing);
  }

  /** Brings a row into view, and the keyboard to it. */
  reveal(id) {
    this.render();
    this.#makeCurrent(id);
    this.#rows.get(id)?.element.scrollIntoView({ block: "nearest" });
  }

  render() {
    const now = new Date();
    const entries = this.#tasks.entries();
    const before = this.#focusedRow();
    const focus = before && { id: before.id, control: before.focused, index: this.#order.indexOf(before.id) };
    const groups = this.#grouped(entries, now);
    // A row whose editor is open stays although its task no longer belongs here (or is gone): it holds the user's words.
    const ids = new Set(entries.map(({ task }) => task.id));
    for (const [id, row] of this.#rows) if (!ids.has(id) && !row.isEditing) this.#rows.delete(id);
    arrange(this.#element, [...this.#strays(ids), ...groups.map(([group, members]) => this.#section(group, members, now))]);
    this.#order = groups.flatMap(([, members]) => members.map(({ task }) => task.id));
    if (!this.#order.includes(this.#current)) this.#current = this.#order[0] ?? null;
    for (const [id, row] of this.#rows) row.isCurrent = id === this.#current;
    if (focus !== null && !this.#element.contains(document.activeElement)) this.#refocus(focus);
    this.#renderState(entries);
    this.#moreIfVisible();
  }

  #grouped(entries, now) {
    if (this.#tasks.query.sort !== "due") return entries.length > 0 ? [["", entries]] : [];
    const groups = new Map([...GROUPS.keys()].map((group) => [group, []]));
    for (const entry of entries) groups.get(groupOf(entry.task.due, now)).push(entry);
    return [...groups].filter(([, members]) => members.length > 0);
  }

  #strays(ids) {
    return [...this.#rows.values()].filter((row) => row.isEditing && !ids.has(row.id)).map((row) => row.element);
  }

  #section(group, members, now) {
    let section = this.#sections.get(group);
    if (section === undefined) {
      const heading = element("h2", { id: `group-${group}`, className: group === "" ? "visually-hidden" : `group group-${group}` });
      heading.textContent = GROUPS.get(group) ?? "Tasks";
      const list = element("ul", { className: "tasks", role: "list" });
      list.setAttribute("aria-labelledby", heading.id);
      section = element("section", {}, heading, list);
      this.#sections.set(group, section);
    }
    const rows = members.map((entry) => {
      const { id } = entry.task;
      if (!this.#rows.has(id)) this.#rows.set(id, new Row(id));
      const row = this.#rows.get(id);
      row.show(entry, now);
      return row.element;
    });
    arrange(section.lastElementChild, rows);
    return section;
  }

  #renderState(entries) {
    const { phase, isCurrent, hasMore, query, problem } = this.#tasks;
    const isEmpty = entries.length === 0;
    const isStuck = phase === "failed" || phase === "waiting";
    this.#element.ariaBusy = String(phase === "loading");
    const isWaiting = isEmpty && !isStuck && (!isCurrent || hasMore);
    byId("skeleton").hidden = !isWaiting;
    // Hidden under the skeleton, so that it does not jump when the list takes its place.
    const end = byId("list-end");
    end.hidden = isWaiting;
    // And out of sight while the next page comes, so that nobody sees it jump; not from under the focus, though.
    if (phase !== "loading") this.#showEnd();
    else if (!end.contains(document.activeElement)) end.classList.add("unseen");
    this.#isEndNear = isWaiting;
    const empty = byId("empty");
    empty.hidden = !(isEmpty && (isStuck || (isCurrent && !hasMore)));
    const [title, text] = isStuck
      ? ["The list could not be loaded", problem.message]
      : isFiltered(query)
        ? ["No task matches", "Change or clear the filters to see others."]
        : EMPTY[query.view];
    setText(byId("empty-title"), title);
    setText(byId("empty-text"), text);
    byId("more").hidden = !(phase === "failed" || (hasMore && phase !== "waiting"));
    byId("more").textContent = phase === "failed" ? "Try again" : "Show more";
    const count = isStuck || isWaiting ? "" : countText(entries.length, hasMore);
    setText(byId("list-count"), count);
    if (isCurrent && !this.#wasCurrent) announce(count || title);
    this.#wasCurrent = isCurrent;
  }

  /** Shows the list's end again once the new rows above it are painted: a page may come within one frame. */
  #showEnd() {
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        if (this.#tasks.phase !== "loading") byId("list-end").classList.remove("unseen");
      }),
    );
  }

  #more() {
    if (this.#tasks.isCurrent) this.#tasks.more();
    else this.#tasks.reload();
  }

  #moreIfVisible() {
    if ((this.#isEndVisible || this.#isEndNear) && this.#tasks.phase === "ready") this.#tasks.more();
  }

  // The user's doings

  #clicked(event) {
    const id = idAt(event.target);
    const button = event.target.closest("button");
    if (id === null || button === null) return;
    if (button.dataset.tag !== undefined) this.#actions.filterTag(button.dataset.tag);
    else if (button.dataset.part === "title" || button.dataset.part === "edit") this.edit(id);
    else if (button.dataset.part === "delete") this.#actions.remove(id);
    else if (button.dataset.part === "review") this.#actions.review(id);
  }

  #ticked(event) {
    if (event.target.dataset.part === "check") this.#actions.complete(idAt(event.target), event.target.checked);
  }

  #key(event) {
    if (!this.isFocused || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
    if (step !== undefined) this.move(step);
    else if (event.key === "Delete") this.#actions.remove(this.#current);
    else return;
    event.preventDefault();
  }

  // The focus

  #focusedRow() {
    return this.#rows.get(idAt(document.activeElement)) ?? null;
  }

  #focus(id, control = "title") {
    this.#makeCurrent(id);
    const row = this.#rows.get(id);
    row.focus(control);
    row.element.scrollIntoView({ block: "nearest" });
  }

  #makeCurrent(id) {
    if (id === this.#current || !this.#rows.has(id)) return;
    const before = this.#rows.get(this.#current);
    if (before) before.isCurrent = false;
    this.#current = id;
    this.#rows.get(id).isCurrent = true;
  }

  /** The row that had the focus has moved, which loses it, or is gone: then the one that took its place gets it. */
  #refocus({ id, control, index }) {
    const next = this.#order.includes(id) ? id : this.#order[Math.min(index, this.#order.length - 1)];
    if (next !== undefined) this.#focus(next, control ?? "title");
    else byId("new-title").focus();
  }
}

const idAt = (target) => target?.closest?.("li.task")?.dataset.id ?? null;

function countText(count, hasMore) {
  const tasks = count === 1 ? "1 task" : `${count.toLocaleString("en")} tasks`;
  return hasMore ? `${tasks} so far` : count === 0 ? "" : tasks;
}
