/** Which list is shown: its view, sort, filters and search, kept in the address. */

import { addressOf, isFiltered, normalised, queryFrom, SORTS } from "../query.js";
import { arrange, byId, element } from "./document.js";

const SEARCH_DELAY_MS = 250;

export class Filters {
  #query;
  #changed;
  #form = byId("filters");
  #search = byId("search");
  #links = [...byId("views").querySelectorAll("a")];
  #timer = 0;
  #tags = [];

  /** @param {(query: import("../query.js").Query) => void} changed */
  constructor(changed) {
    this.#changed = changed;
    this.#query = queryFrom(location.search);
    this.#render();
    byId("views").addEventListener("click", (event) => {
      const view = event.target.closest("a")?.dataset.view;
      if (view === undefined || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.set({ view, sort: "" });
    });
    this.#form.addEventListener("change", ({ target }) => this.set({ [target.name]: target.value }));
    this.#form.addEventListener("submit", (event) => event.preventDefault());
    byId("clear-filters").addEventListener("click", () => {
      this.clear();
      this.#search.focus();
    });
    byId("search-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#searchNow();
    });
    this.#search.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#searchNow(), SEARCH_DELAY_MS);
    });
    addEventListener("popstate", () => this.#take(queryFrom(location.search)));
  }

  get query() {
    return this.#query;
  }

  /** Changes members of the query. */
  set(changes) {
    const query = normalised({ ...this.#query, ...changes });
    if (JSON.stringify(query) === JSON.stringify(this.#query)) return;
    // The back button goes through views, not through every letter of a search.
    if (query.view === this.#query.view) history.replaceState(null, "", addressOf(query));
    else history.pushState(null, "", addressOf(query));
    this.#take(query);
  }

  clear() {
    this.set({ due: "", priority: "", tag: "", q: "" });
  }

  /** Offers these tags to filter by. */
  offerTags(tags) {
    this.#tags = tags;
    this.#renderTags();
  }

  #searchNow() {
    clearTimeout(this.#timer);
    this.set({ q: this.#search.value.trim() });
  }

  #take(query) {
    this.#query = query;
    this.#render();
    this.#changed(query);
  }

  #render() {
    const { view, sort, due, priority, q } = this.#query;
    for (const link of this.#links) {
      if (link.dataset.view === view) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    const { elements } = this.#form;
    arrange(elements.sort, Object.entries(SORTS[view]).map(([value, text]) => element("option", { value }, text)));
    elements.sort.value = sort;
    elements.due.value = due;
    elements.due.disabled = sort !== "due";
    elements.priority.value = priority;
    this.#renderTags();
    if (this.#search.value.trim() !== q) this.#search.value = q;
    byId("clear-filters").hidden = !isFiltered(this.#query);
  }

  #renderTags() {
    const { tag } = this.#query;
    const select = this.#form.elements.tag;
    const offered = tag === "" || this.#tags.includes(tag) ? this.#tags : [tag, ...this.#tags];
    const values = ["", ...offered];
    if (JSON.stringify(values) !== JSON.stringify([...select.options].map((option) => option.value))) {
      arrange(select, values.map((value) => element("option", { value }, value === "" ? "Any" : value)));
    }
    select.value = tag;
  }
}
