// The operations, as a frontend calls them.

// #region imports
import type { ListQuery, Task, TaskApi, TaskCreation, TaskMove, TaskPatch } from "./client.js";
import { dataOf, ProblemError } from "./problems.js";
// #endregion

// #region create
/** Creates a task. Make the key when the user presses the button, and keep it for every further try. */
export async function createTask(api: TaskApi, task: TaskCreation, key: string = crypto.randomUUID()): Promise<Task> {
  return dataOf(
    await api.POST("/users/{user_id}/tasks", {
      params: { path: { user_id: "me" }, header: { "Idempotency-Key": key } },
      body: task,
    }),
  );
}
// #endregion

// #region pages
/** All tasks of a list, page by page: a page is fetched when the loop gets there, and not before. */
export async function* listTasks(api: TaskApi, query: Omit<ListQuery, "cursor"> = {}): AsyncGenerator<Task, void> {
  let cursor: string | null = null;
  do {
    const page: { items: Task[]; next_cursor: string | null } = dataOf(
      await api.GET("/users/{user_id}/tasks", {
        params: { path: { user_id: "me" }, query: cursor === null ? query : { ...query, cursor } },
      }),
    );
    yield* page.items;
    cursor = page.next_cursor;
  } while (cursor !== null);
}
// #endregion

// #region etag
/** The value of `If-Match` and `If-None-Match` for a task that you hold, be it from a list. */
export function entityTag(task: Task): string {
  return `"${task.etag}"`;
}
// #endregion

// #region read
/** The task, or the one that you hold already when it has not changed. */
export async function readTask(api: TaskApi, id: string, held?: Task): Promise<Task> {
  const answer = await api.GET("/users/{user_id}/tasks/{task_id}", {
    params: {
      path: { user_id: "me", task_id: id },
      header: held === undefined ? {} : { "If-None-Match": entityTag(held) },
    },
  });
  return held !== undefined && answer.response.status === 304 ? held : dataOf(answer);
}
// #endregion

// #region conflict
/** Someone else changed the same members. Show both versions, and let the user choose. */
export class ConflictError extends Error {
  override readonly name = "ConflictError";
  readonly theirs: Task;
  readonly members: string[];

  constructor(theirs: Task, members: string[]) {
    super(`changed by someone else: ${members.join(", ")}`);
    this.theirs = theirs;
    this.members = members;
  }
}

/** Changes the task that the user has seen. What others changed meanwhile is kept, unless it is the same members. */
export async function changeTask(api: TaskApi, seen: Task, patch: TaskPatch, tries = 5): Promise<Task> {
  const { data, error, response } = await api.PATCH("/users/{user_id}/tasks/{task_id}", {
    params: { path: { user_id: "me", task_id: seen.id }, header: { "If-Match": entityTag(seen) } },
    body: patch,
  });
  if (data !== undefined) return data;
  if (error?.code !== "precondition_failed" || error.current === undefined) return dataOf({ error, response });
  const theirs = error.current;
  const missing = (Object.keys(patch) as (keyof TaskPatch)[]).filter((name) => !same(name, theirs[name], patch[name]));
  if (missing.length === 0) return theirs; // done already: by someone else, or by a request whose answer got lost
  const conflicts = missing.filter((name) => !same(name, theirs[name], seen[name]));
  if (conflicts.length > 0) throw new ConflictError(theirs, conflicts);
  if (tries === 1) throw new ProblemError(error);
  return changeTask(api, theirs, patch, tries - 1);
}

function same(name: keyof TaskPatch, one: unknown, other: unknown): boolean {
  return JSON.stringify(asKept(name, one)) === JSON.stringify(asKept(name, other));
}

/** A value as the API keeps it: what is cleared gets its default, texts are trimmed, instants are in UTC. */
function asKept(name: keyof TaskPatch, value: unknown): unknown {
  if (name === "checklist") return ((value ?? []) as Checklist).map(entryAsKept);
  if (Array.isArray(value)) return value.map((each) => asKept("title", each));
  if (name === "priority") return value ?? "none";
  if (name === "tags") return value ?? [];
  if (typeof value !== "string") return value;
  if (name === "due") return value.includes("T") ? new Date(value).toISOString() : value;
  if (name === "list_id") return value.toLowerCase();
  return value.replaceAll("\r\n", "\n").trim().normalize("NFC") || null;
}

type Checklist = NonNullable<TaskPatch["checklist"]>;

function entryAsKept({ id, title, completed = false }: Checklist[number]) {
  return { id, title: asKept("title", title), completed };
}
// #endregion

// #region complete
/** Sets the state rather than flipping it, so that it can be sent again. */
export async function completeTask(api: TaskApi, id: string, completed: boolean): Promise<Task> {
  return dataOf(
    await api.POST("/users/{user_id}/tasks/{task_id}/toggle", {
      params: { path: { user_id: "me", task_id: id } },
      body: { completed },
    }),
  );
}
// #endregion

// #region delete
/** Puts the task into the trash, or deletes it for good; one that is gone already is as good. */
export async function deleteTask(api: TaskApi, id: string, permanent = false): Promise<void> {
  const { error } = await api.DELETE("/users/{user_id}/tasks/{task_id}", {
    params: { path: { user_id: "me", task_id: id }, query: permanent ? { permanent } : {} },
  });
  if (error !== undefined && error.code !== "task_not_found") throw new ProblemError(error);
}

/** Takes the task out of the trash, as it was; one that is out already is as good. */
export async function restoreTask(api: TaskApi, id: string): Promise<Task> {
  const answer = await api.POST("/users/{user_id}/tasks/{task_id}/restore", {
    params: { path: { user_id: "me", task_id: id } },
  });
  const { error } = answer;
  return error?.code === "task_not_trashed" && error.current ? error.current : dataOf(answer);
}
// #endregion

// #region move
/** Moves the task before or behind another one, or to the end, of its list or of the one that is named. */
export async function moveTask(api: TaskApi, id: string, to: TaskMove = {}): Promise<Task> {
  return dataOf(
    await api.POST("/users/{user_id}/tasks/{task_id}/move", {
      params: { path: { user_id: "me", task_id: id } },
      body: to,
    }),
  );
}
// #endregion

// #region offline
/** Creates or replaces a task under an id of your own: what was made offline can be sent again and again. */
export async function putTask(api: TaskApi, id: string, task: TaskCreation): Promise<Task> {
  return dataOf(
    await api.PUT("/users/{user_id}/tasks/{task_id}", {
      params: { path: { user_id: "me", task_id: id } },
      body: task,
    }),
  );
}

/** A UUID of version 7 (RFC 9562): milliseconds, then random bits, so that ids sort by creation. */
export function newTaskId(now: number = Date.now()): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, Math.floor(now / 2 ** 32));
  view.setUint32(2, now % 2 ** 32);
  view.setUint8(6, 0x70 | (view.getUint8(6) & 0x0f));
  view.setUint8(8, 0x80 | (view.getUint8(8) & 0x3f));
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
// #endregion
