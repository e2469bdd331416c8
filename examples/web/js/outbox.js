/**
 * Changes on their way to the API.
 *
 * The page shows a change at once; here it waits its turn. Those of one task go out one after the other, each naming
 * the etag that the one before has made, and those of different tasks side by side. A change that can't be sent (no
 * network, API busy, token expired) stays first in its queue until it can. Nothing is kept when the tab is closed, and
 * the page says so.
 *
 * An answer may get lost after the API has applied the change. It is then sent again, so each kind is safe to repeat: a
 * second create, update or deletion fails its precondition, and the task that comes with the 412 shows that it was done;
 * a second restore finds the task out of the trash.
 */

import { Problem, SignedOut, Unreachable } from "./problems.js";

const MOST_ATTEMPTS = 3; // of what fails in a way that nobody foresaw (500, 502, 504)
const WAIT_MS = 1_000;

/** @typedef {{version: number, etag: string}} Base Of a task: the etag tells whether it is still the same, the version what came next. */

/**
 * @typedef {object} Write
 * @property {"create" | "update" | "complete" | "delete" | "restore"} kind
 * @property {string} id
 * @property {Base} base What it was made on; version 0 for a task that is only being created.
 * @property {string} at When, RFC 3339.
 * @property {import("./api.js").Content} [content] create
 * @property {Partial<import("./api.js").Content>} [patch] update
 * @property {import("./api.js").Task} [before] update, delete, restore: the task that the user had before their eyes
 * @property {string} [trashed] create: the etag of the task in the trash that it is to replace
 * @property {boolean} [completed] complete
 * @property {boolean} [wasSent] Whether it may have reached the API.
 */

/** Whether a value that was sent is what the task has: the API may have trimmed and normalised texts. */
function isSame(sent, stored) {
  if (Array.isArray(sent)) return sent.length === stored.length && sent.every((tag, index) => isSame(tag, stored[index]));
  if (typeof sent !== "string") return sent === stored;
  return sent.normalize().trim() === (stored ?? "");
}

/** Whether a task already has all that an update would give it. */
export const hasAll = (task, patch) => Object.entries(patch).every(([name, value]) => isSame(value, task[name]));

/** @returns {Base} */
export const baseOf = ({ version, etag }) => ({ version, etag });

/**
 * What something was made on, once a write before it is saved.
 *
 * What the user did after the write was done on what it made; unless somebody else's change came in between. Then it
 * keeps the task that the user saw, and fails as it should.
 *
 * @param {Base} base
 */
export function rebased(base, write, task) {
  const isNext = task !== null && (write.kind === "create" || write.kind === "restore" || task.version === write.base.version + 1);
  return isNext && base.etag === write.base.etag ? baseOf(task) : base;
}

export class Outbox {
  #api;
  #connection;
  #receiver;
  /** @type {Map<string, Write[]>} */
  #queues = new Map();

  /**
   * @param {import("./api.js").TaskApi} api
   * @param {import("./connection.js").Connection} connection
   * @param {object} receiver Told of each outcome, when the write is out of its queue.
   * @param {(write: Write, task: import("./api.js").Task | null) => void} receiver.saved Null when the task is deleted.
   * @param {(write: Write, problem: Problem) => void} receiver.refused It will never be applied.
   * @param {() => void} receiver.changed The queues are different now.
   */
  constructor(api, connection, receiver) {
    this.#api = api;
    this.#connection = connection;
    this.#receiver = receiver;
  }

  /** How many changes have not been confirmed. */
  get size() {
    return [...this.#queues.values()].reduce((sum, queue) => sum + queue.length, 0);
  }

  /** The changes of a task that have not been confirmed, in order. */
  of(id) {
    return this.#queues.get(id) ?? [];
  }

  /** Ids of the tasks with such changes. */
  ids() {
    return this.#queues.keys();
  }

  /** @param {Write} write */
  add(write) {
    const queue = this.#queues.get(write.id);
    if (queue) {
      queue.push(write);
    } else {
      this.#queues.set(write.id, [write]);
      this.#drain(write.id);
    }
    this.#receiver.changed();
  }

  /** Takes the last change of a task back, if it is of this kind and can't have reached the API. */
  takeBack(id, kind) {
    const queue = this.of(id);
    const last = queue.at(-1);
    if (last?.kind !== kind || last.wasSent) return false;
    queue.pop();
    this.#receiver.changed();
    return true;
  }

  async #drain(id) {
    const queue = this.#queues.get(id);
    // Whoever adds a change and takes it back at once leaves no trace.
    await Promise.resolve();
    while (queue.length > 0) {
      await this.#connection.open();
      const write = queue[0];
      if (write === undefined) {
        this.#connection.succeeded(); // taken back meanwhile: nothing is left that could fail
        break;
      }
      const outcome = await this.#attempt(write);
      if (outcome === null) continue;
      queue.shift();
      outcome(queue);
    }
    this.#queues.delete(id);
    this.#receiver.changed();
  }

  /** Sends a write; what to do once it is out of its queue, null when it has to be sent again. */
  async #attempt(write) {
    write.wasSent = true;
    try {
      const task = await this.#send(write);
      this.#connection.succeeded();
      return (queue) => this.#saved(write, task, queue);
    } catch (error) {
      if (error instanceof SignedOut) return () => {};
      if (error instanceof Unreachable || error.isPassing) {
        this.#connection.failed(error);
        return null;
      }
      if (!(error instanceof Problem)) throw error;
      this.#connection.succeeded(); // an answer all the same
      return this.#judge(write, error);
    }
  }

  /** @param {Problem} problem */
  async #judge(write, problem) {
    write.attempts = (write.attempts ?? 0) + 1;
    if (problem.status >= 500 && write.attempts < MOST_ATTEMPTS) {
      await new Promise((resolve) => setTimeout(resolve, WAIT_MS * write.attempts));
      return null;
    }
    const { current } = problem;
    if (problem.status === 412 && write.kind === "create" && current?.trashed_at) {
      write.trashed = current.etag;
      return null;
    }
    if (problem.status === 412 && write.kind === "create" && current) return (queue) => this.#saved(write, current, queue);
    if (problem.code === "task_not_trashed" && current) return (queue) => this.#saved(write, current, queue);
    if (problem.status === 412 && write.kind === "update" && current && hasAll(current, write.patch)) {
      return (queue) => this.#saved(write, current, queue);
    }
    if (problem.isGone && write.kind === "delete") return (queue) => this.#saved(write, null, queue);
    return (queue) => {
      // What the user changed on top of a refused update would be refused, too: it is one matter, to be settled once.
      while (write.kind === "update" && queue[0]?.kind === "update") Object.assign(write.patch, queue.shift().patch);
      if (write.kind === "create" || problem.isGone) queue.splice(0);
      this.#receiver.refused(write, problem);
    };
  }

  #send(write) {
    switch (write.kind) {
      case "create":
        return this.#api.create(write.id, write.content, write.trashed);
      case "update":
        return this.#api.update(write.id, write.patch, write.base.etag);
      case "complete":
        return this.#api.setCompleted(write.id, write.completed);
      case "restore":
        return this.#api.restore(write.id);
      default:
        return this.#api.delete(write.id, write.base.etag);
    }
  }

  #saved(write, task, queue) {
    for (const later of queue) later.base = rebased(later.base, write, task);
    this.#receiver.saved(write, task);
  }
}
