/** Which tasks the list shows, in which order; as the API is asked for them, and as the address has it. */

import { dueBounds, dueDay, isDay, isDueWithin } from "./days.js";

/**
 * @typedef {object} Query
 * @property {"open" | "completed" | "all"} view
 * @property {string} sort One of SORTS[view].
 * @property {import("./days.js").DueFilter} due Only with view "open" and sort "due".
 * @property {string} priority "" for every one.
 * @property {string} tag "" for every one.
 * @property {string} q
 */

/** What each view can be sorted by; the first is its default. */
export const SORTS = {
  open: { due: "Due date", created_at: "Newest first" },
  completed: { completed_at: "Last completed first" },
  all: { created_at: "Newest first", updated_at: "Last changed first" },
};

const PAGE_SIZE = 50;
const PRIORITIES = ["high", "medium", "low", "none"];
const FILTERS = { due: ["overdue", "today", "week"], priority: PRIORITIES };

/** The query in an address; what is not understood counts as absent. */
export function queryFrom(search) {
  const given = new URLSearchParams(search);
  const view = Object.hasOwn(SORTS, given.get("view") ?? "") ? given.get("view") : "open";
  const chosen = (name) => (FILTERS[name].includes(given.get(name)) ? given.get(name) : "");
  return normalised({
    view,
    sort: given.get("sort") ?? "",
    due: chosen("due"),
    priority: chosen("priority"),
    tag: given.get("tag") ?? "",
    q: given.get("q") ?? "",
  });
}

/** The query as it can be served: a sort that its view has, and a due filter only where there is an order by due. */
export function normalised(query) {
  const sorts = SORTS[query.view];
  const sort = Object.hasOwn(sorts, query.sort) ? query.sort : Object.keys(sorts)[0];
  return { ...query, sort, due: sort === "due" ? query.due : "" };
}

/** The address of a query, without what is the default. */
export function addressOf(query) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    const isDefault = value === "" || value === "open" || (name === "sort" && value === Object.keys(SORTS[query.view])[0]);
    if (!isDefault) parameters.set(name, value);
  }
  return parameters.size > 0 ? `?${parameters}` : location.pathname;
}

/** Whether tasks are left out beyond what the view leaves out. */
export const isFiltered = (query) => [query.due, query.priority, query.tag, query.q].some((value) => value !== "");

/** The API's parameters. */
export function parametersOf(query, cursor, now) {
  const { view: status, sort, priority, tag, q } = query;
  const wanted = { status, sort, limit: PAGE_SIZE, ...dueBounds(query.due, now), priority, tag, q: q.trim(), cursor };
  return new URLSearchParams(Object.entries(wanted).filter(([, value]) => value !== "" && value !== null));
}

const folded = (text) => text.normalize().toLowerCase();

/**
 * Whether a task belongs into the list, for changes that the API has not listed yet.
 *
 * @param {Query} query
 * @param {import("./api.js").Task} task
 */
export function matches(query, task, now) {
  const { title, description, tags, checklist = [] } = task; // a task that is not sent yet may lack the last
  const texts = [title, description ?? "", ...tags, ...checklist.map((entry) => entry.title)];
  return (
    (query.view === "all" || task.completed === (query.view === "completed")) &&
    isDueWithin(query.due, task.due, now) &&
    (query.priority === "" || task.priority === query.priority) &&
    (query.tag === "" || tags.some((tag) => folded(tag) === folded(query.tag))) &&
    texts.some((text) => folded(text).includes(folded(query.q.trim())))
  );
}

const ascending = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/**
 * The order of a list.
 *
 * By due date it is the user's day that counts, and whole days come before the times of that day. The API orders by UTC,
 * so that the tasks around midnight may differ; they are within a day of each other, so it puts none out of reach.
 */
export function comparator(query) {
  if (query.sort !== "due") {
    // Ids sort by creation, and settle what happened in the same millisecond.
    const key = (task) => (query.sort === "created_at" ? "" : (task[query.sort] ?? "")) + task.id;
    return (a, b) => ascending(key(b), key(a));
  }
  const key = ({ due }) => (due === null ? "~" : `${dueDay(due)} ${isDay(due) ? "" : due}`);
  return (a, b) => ascending(key(a), key(b)) || ascending(a.id, b.id);
}
