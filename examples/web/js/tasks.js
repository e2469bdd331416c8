/**
 * The tasks that the page knows, and the list that it shows.
 *
 * What is shown of a task is its last version from the API with the changes applied that are still in the outbox. So
 * nothing has to be rolled back: a change that is refused is simply no longer among them.
 */

import { Outbox, baseOf, rebased } from "./outbox.js";
import { SignedOut, Unreachable } from "./problems.js";
import { comparator, matches, parametersOf } from "./query.js";
import { uuid7 } from "./uuid7.js";

const LEAVING_MS = 700;
const UNWRITTEN = { version: 0, etag: "" }; // of a task that the API does not have yet

/** @typedef {import("./api.js").Task} Task */

/**
 * @typedef {object} Conflict
 * @property {Task} before What the user started from.
 * @property {Partial<import("./api.js").Content> | null} mine What they changed; null: they deleted the task.
 * @property {Task | null} theirs The task as it is now; null: it was deleted.
 */

/**
 * @typedef {object} Entry A row of the list.
 * @property {Task} task As shown.
 * @property {boolean} isPending Some of it is not confirmed.
 * @property {boolean} isLeaving It no longer belongs here and is on its way out.
 * @property {Conflict | null} conflict
 */

/**
 * Dispatches `change`, at most once a microtask, and with a `detail`: `refused` ({write, problem}), `conflict`
 * ({id, conflict}), `added` ({task, isShown}).
 */
export class Tasks extends EventTarget {
  #api;
  #connection;
  #outbox;
  /** @type {Map<string, {server: Task|null, listed: number, conflict: Conflict|null, editing: Task|null}>} */
  #records = new Map();
  #listed = new Set();
  #leaving = new Map();
  #deleted = new Map(); // id to the version at which it was deleted here
  #loading = null;
  #cursor = null;
  #asOf = new Date();
  #isChanged = false;

  /** @type {import("./query.js").Query} */
  query;

  /** @type {"loading" | "waiting" | "ready" | "failed"} What the list is doing. */
  phase = "loading";

  /** Whether what is shown is the answer to the query; false while the first page is on its way. */
  isCurrent = false;

  /** @type {Error | null} Why it failed or waits. */
  problem = null;

  constructor(api, connection, query) {
    super();
    this.#api = api;
    this.#connection = connection;
    this.query = query;
    this.#outbox = new Outbox(api, connection, {
      saved: (write, task) => this.#saved(write, task),
      refused: (write, problem) => this.#refused(write, problem),
      changed: () => this.#changed(),
    });
  }

  /** Whether more pages follow. */
  get hasMore() {
    return this.#cursor !== null;
  }

  /** Changes that would be lost with the tab: not confirmed, or in conflict. */
  get unsaved() {
    return this.#outbox.size + this.conflicts.length;
  }

  /** Changes that are not confirmed. */
  get pending() {
    return this.#outbox.size;
  }

  /** Ids of tasks with a conflict to settle. */
  get conflicts() {
    return [...this.#records].filter(([, record]) => record.conflict !== null).map(([id]) => id);
  }

  /** @returns {Conflict | null} */
  conflictOf(id) {
    return this.#records.get(id)?.conflict ?? null;
  }

  /** @returns {Entry[]} The list, in order. */
  entries() {
    const now = new Date();
    const entries = [];
    for (const id of this.#listed) {
      const entry = this.entry(id);
      if (entry !== null && (entry.isLeaving || this.#belongs(id, entry, now))) entries.push(entry);
    }
    const compare = comparator(this.query);
    return entries.sort((a, b) => compare(a.task, b.task));
  }

  /** @returns {Entry | null} Null when there is no such task (any more). */
  entry(id) {
    const record = this.#records.get(id);
    const writes = this.#outbox.of(id);
    const task = writes.reduce(applied, record?.server ?? null);
    if (task === null) return null;
    const conflict = record?.conflict ?? null;
    return { task: this.#leaving.get(id) ?? task, isPending: writes.length > 0, isLeaving: this.#leaving.has(id), conflict };
  }

  /** All tags that are known, for suggestions. */
  tags() {
    const tags = new Map();
    for (const { server } of this.#records.values()) for (const tag of server?.tags ?? []) tags.set(tag.toLowerCase(), tag);
    return [...tags.values()].sort((a, b) => a.localeCompare(b));
  }

  /** Shows another list. */
  show(query) {
    this.query = query;
    this.isCurrent = false;
    this.#leaving.clear();
    // Until the answer comes, those of the tasks shown so far that this page finds fitting.
    for (const id of this.#listed) this.#record(id).listed = 0;
    this.reload();
  }

  /** Asks for the first page again. */
  reload() {
    this.#asOf = new Date();
    return this.#load(null);
  }

  /** Asks for the next page, if there is one and none is on its way. */
  more() {
    if (this.hasMore && this.phase !== "loading" && this.phase !== "waiting") return this.#load(this.#cursor);
    return undefined;
  }

  /** Whether a reload would show all that is shown now. */
  get isOnePage() {
    return this.#listed.size <= 50;
  }

  // Changes

  /** Adds a task; its id. */
  add(content) {
    const id = uuid7();
    this.#write({ kind: "create", id, base: UNWRITTEN, content });
    const { task } = this.entry(id);
    this.#dispatch("added", { task, isShown: matches(this.query, task, new Date()) });
    return id;
  }

  /** Takes a deleted task out of the trash. */
  restore(task) {
    if (this.#outbox.takeBack(task.id, "delete")) return;
    this.#write({ kind: "restore", id: task.id, base: UNWRITTEN, before: task });
  }

  /** Starts an edit: the task to edit, which {@link edit} will take as what the user saw. */
  beginEdit(id) {
    const record = this.#record(id);
    record.editing = this.entry(id).task;
    return record.editing;
  }

  /** Ends an edit without a change. */
  endEdit(id) {
    this.#record(id).editing = null;
  }

  /** Saves what was changed since {@link beginEdit}. */
  edit(id, patch) {
    const record = this.#record(id);
    const before = record.editing;
    record.editing = null;
    this.#write({ kind: "update", id, base: baseOf(before), patch, before });
  }

  /** Completes or reopens a task. */
  complete(id, completed) {
    const { task } = this.entry(id);
    this.#leaving.delete(id);
    this.#write({ kind: "complete", id, base: baseOf(task), completed });
    if (!matches(this.query, this.entry(id).task, new Date())) this.#leave(id, this.entry(id).task);
  }

  /** Deletes a task; what it was. */
  remove(id) {
    const { task } = this.entry(id);
    this.#leaving.delete(id);
    if (!this.#outbox.takeBack(id, "create")) this.#write({ kind: "delete", id, base: baseOf(task), before: task });
    return task;
  }

  /**
   * Settles a conflict.
   *
   * @param {string} id
   * @param {Partial<import("./api.js").Content> | null} patch What to change in their version; null deletes it. An empty
   *   patch takes their version.
   */
  settle(id, patch) {
    const record = this.#record(id);
    const { theirs } = record.conflict;
    record.conflict = null;
    if (theirs === null) {
      if (patch !== null && Object.keys(patch).length > 0) this.#write({ kind: "create", id, base: UNWRITTEN, content: patch });
    } else if (patch === null) {
      this.#write({ kind: "delete", id, base: baseOf(theirs), before: theirs });
    } else if (Object.keys(patch).length > 0) {
      this.#write({ kind: "update", id, base: baseOf(theirs), patch, before: theirs });
    }
    this.#changed();
  }

  // Reading

  async #load(cursor) {
    this.#loading?.abort();
    const loading = (this.#loading = new AbortController());
    const { signal } = loading;
    this.phase = "loading";
    this.#changed();
    try {
      const page = await this.#read(parametersOf(this.query, cursor, this.#asOf), signal);
      if (signal.aborted) return;
      this.#take(page, cursor === null);
    } catch (error) {
      if (signal.aborted || error instanceof SignedOut) return;
      // The cursor does not fit any more (the API was deployed anew, say): the list starts again.
      if (error.code === "invalid_cursor" && cursor !== null) return void this.reload();
      this.phase = "failed";
      this.problem = error;
    }
    this.#changed();
  }

  async #read(parameters, signal) {
    for (;;) {
      await this.#connection.open(signal);
      try {
        const page = await this.#api.list(parameters, signal);
        this.#connection.succeeded();
        return page;
      } catch (error) {
        if (signal.aborted || !(error instanceof Unreachable || error.isPassing)) throw error;
        this.phase = "waiting";
        this.problem = error;
        this.#connection.failed(error);
        this.#changed();
      }
    }
  }

  #take(page, isFirst) {
    // What was just changed stays in view, although the answer may be older than the change.
    if (isFirst) this.#listed = new Set(this.#outbox.ids());
    for (const task of page.items) {
      this.#listed.add(task.id);
      this.#know(task);
      const record = this.#record(task.id);
      if (record.server?.version === task.version) record.listed = task.version;
    }
    this.#cursor = page.next_cursor;
    this.phase = "ready";
    this.isCurrent = true;
    this.problem = null;
  }

  /** Takes a task from the API, unless something newer is known: answers may overtake each other. */
  #know(task) {
    const record = this.#record(task.id);
    if (task.version <= (this.#deleted.get(task.id) ?? 0)) return;
    if (record.server === null || task.version >= record.server.version) record.server = task;
  }

  #belongs(id, { task, isPending, conflict }, now) {
    const { listed, server } = this.#record(id);
    // What the API has listed is in the list; it compares texts more exactly than this page.
    return conflict !== null || (!isPending && listed === server?.version) || matches(this.query, task, now);
  }

  #record(id) {
    let record = this.#records.get(id);
    if (record === undefined) {
      record = { server: null, listed: 0, conflict: null, editing: null };
      this.#records.set(id, record);
    }
    return record;
  }

  // Writing

  #write(write) {
    this.#listed.add(write.id);
    this.#outbox.add({ ...write, at: new Date().toISOString() });
  }

  /** Keeps a task in view for a moment, so that one sees what happened to it. */
  #leave(id, task) {
    this.#leaving.set(id, task);
    setTimeout(() => {
      this.#leaving.delete(id);
      this.#changed();
    }, LEAVING_MS);
  }

  #saved(write, task) {
    const record = this.#record(write.id);
    if (task === null) {
      this.#deleted.set(write.id, write.base.version);
      this.#forget(write.id);
    } else {
      this.#deleted.delete(write.id);
      // An editor that is open was opened on what this write has made.
      const { editing } = record;
      if (editing !== null) record.editing = { ...editing, ...rebased(baseOf(editing), write, task) };
      record.server = record.server !== null && record.server.version > task.version ? record.server : task;
    }
    this.#changed();
  }

  #refused(write, problem) {
    const { id } = write;
    const record = this.#record(id);
    const { isGone } = problem;
    if (isGone) this.#forget(id);
    else if (problem.current) this.#know(problem.current);
    const isConflict = (isGone || problem.status === 412) && (write.kind === "update" || write.kind === "delete");
    if (isConflict) {
      const mine = write.kind === "delete" ? null : write.patch;
      record.conflict = { before: write.before, mine, theirs: isGone ? null : problem.current };
      this.#dispatch("conflict", { id, conflict: record.conflict });
    } else {
      this.#dispatch("refused", { write, problem });
    }
    this.#changed();
  }

  #forget(id) {
    const record = this.#record(id);
    record.server = null;
    record.listed = 0;
  }

  // Telling

  #dispatch(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #changed() {
    if (this.#isChanged) return;
    this.#isChanged = true;
    queueMicrotask(() => {
      this.#isChanged = false;
      this.dispatchEvent(new Event("change"));
    });
  }
}

/** A task with a change applied that the API has not confirmed; null when there is none, or it is deleted. */
function applied(task, write) {
  switch (write.kind) {
    case "create": {
      const { id, at, content } = write;
      const times = { created_at: at, updated_at: at, completed_at: content.completed ? at : null };
      return { id, user_id: "", ...content, ...times, ...UNWRITTEN };
    }
    case "restore":
      return { ...write.before, ...UNWRITTEN };
    case "update":
      return task && { ...task, ...write.patch, updated_at: write.at };
    case "complete":
      return task && { ...task, completed: write.completed, completed_at: write.completed ? write.at : null, updated_at: write.at };
    default:
      return null;
  }
}
