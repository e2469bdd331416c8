// Showing a change before the API has confirmed it.

// #region optimistic
import type { Task, TaskApi, TaskPatch } from "./client.js";
import { changeTask } from "./tasks.js";

/** What is on the screen. Changes of one task are sent one after the other, each on top of what the last one gave. */
export class TaskBoard {
  readonly #confirmed = new Map<string, Task>();
  readonly #pending = new Map<string, TaskPatch[]>();
  readonly #queues = new Map<string, Promise<unknown>>();
  readonly #api: TaskApi;
  readonly #changed: () => void;

  /** `changed` is called whenever there is something new to show. */
  constructor(api: TaskApi, changed: () => void) {
    this.#api = api;
    this.#changed = changed;
  }

  /** What to show: what the API has confirmed, with what it has not confirmed yet on top. */
  get tasks(): Task[] {
    return [...this.#confirmed.values()].map((task) =>
      Object.assign({}, task, ...(this.#pending.get(task.id) ?? [])),
    );
  }

  /** Takes in what the API answered. */
  show(task: Task): void {
    this.#confirmed.set(task.id, task);
    this.#changed();
  }

  /** Shows a change at once and sends it. When it fails it is taken back, and the error is yours to tell. */
  change(id: string, patch: TaskPatch): Promise<void> {
    this.#pending.set(id, [...(this.#pending.get(id) ?? []), patch]);
    this.#changed();
    const sent = (this.#queues.get(id) ?? Promise.resolve()).catch(() => {}).then(() => this.#send(id, patch));
    this.#queues.set(id, sent);
    return sent;
  }

  async #send(id: string, patch: TaskPatch): Promise<void> {
    const seen = this.#confirmed.get(id);
    try {
      if (seen !== undefined) this.#confirmed.set(id, await changeTask(this.#api, seen, patch));
    } finally {
      this.#pending.set(id, (this.#pending.get(id) ?? []).filter((each) => each !== patch));
      this.#changed();
    }
  }
}
// #endregion
