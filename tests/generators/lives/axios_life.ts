// A task's life by the axios client of OpenAPI Generator: `node axios_life.js URL TOKEN URL_OF_TOMORROW`.
import assert from "node:assert/strict";
import { isAxiosError } from "axios";
import { Configuration, ListsApi, ListTasksSortEnum, ListTasksStatusEnum, Priority, type Problem, TasksApi } from "../typescript-axios/index.js";

const [url, token, tomorrow] = process.argv.slice(2) as [string, string, string];
const api = (basePath: string, accessToken = token) => new TasksApi(new Configuration({ basePath, accessToken }));

async function problem(status: number, call: Promise<unknown>): Promise<Problem> {
  try {
    await call;
  } catch (error) {
    if (!isAxiosError(error) || error.response?.status !== status) throw error;
    return error.response.data;
  }
  throw new Error("it should fail");
}

/** A UUID of version 7. */
function newId(): string {
  const time = Date.now().toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`;
}

const tasks = api(url);

// Create and read
const rent = { title: "Pay rent", due: "2026-12-01", tags: ["home"], priority: Priority.High };
const made = (await tasks.createTask("me", rent, "k")).data;
assert.deepEqual([made.title, made.due, made.tags, made.priority], ["Pay rent", "2026-12-01", ["home"], "high"]);
assert.equal((await tasks.createTask("me", rent, "k")).data.id, made.id);
const read = await tasks.getTask("me", made.id);
assert.deepEqual(read.data, made);
const etag = String(read.headers["etag"]);

// Create under an id of our own, with an instant as JavaScript writes it
const own = newId();
const put = (await tasks.replaceTask("me", own, { title: "Offline", due: new Date(Date.UTC(2026, 11, 2, 9)).toISOString(), tags: ["home", "garden"] })).data;
assert.deepEqual([put.id, put.due], [own, "2026-12-02T09:00:00.000Z"]);
// What came back can be sent back
assert.equal((await tasks.replaceTask("me", own, { title: put.title, due: put.due, tags: put.tags, priority: put.priority })).data.version, 2);

// Lists
const ids = async (...query: Parameters<TasksApi["listTasks"]>) => (await tasks.listTasks(...query)).data.items.map((task) => task.id);
const { Open } = ListTasksStatusEnum;
const { Due } = ListTasksSortEnum;
assert.deepEqual(await ids("me", Open, Due), [made.id, own]);
assert.deepEqual(await ids("me", undefined, undefined, undefined, undefined, undefined, undefined, undefined, undefined, ["home", "garden"]), [own]);
assert.deepEqual(await ids("me", Open, Due, undefined, undefined, undefined, "2026-12-02T00:00:00+01:00", "2026-12-03T00:00:00+01:00"), [own]);
const first = (await tasks.listTasks("me", undefined, undefined, undefined, 1)).data;
const second = (await tasks.listTasks("me", undefined, undefined, undefined, 1, first.next_cursor ?? "")).data;
assert.deepEqual([...first.items, ...second.items].map((task) => task.id).sort(), [made.id, own].sort());
assert.equal(second.next_cursor, null);

// Change, and clear: what is not given stays
const changed = (await tasks.updateTask("me", made.id, { description: "Soon" }, etag)).data;
assert.deepEqual([changed.description, changed.due, changed.tags], ["Soon", "2026-12-01", ["home"]]);
const cleared = (await tasks.updateTask("me", made.id, { due: null, description: null, priority: null, tags: null })).data;
assert.deepEqual([cleared.title, cleared.due, cleared.description, cleared.priority, cleared.tags], ["Pay rent", null, null, "none", []]);

// Toggle: without a body, with an empty one, with a state
assert.equal((await tasks.toggleTask("me", made.id)).data.completed, true);
assert.equal((await tasks.toggleTask("me", made.id, undefined, undefined, undefined, {})).data.completed, false);
await tasks.toggleTask("me", made.id, undefined, undefined, undefined, { completed: true });
const done = (await tasks.toggleTask("me", made.id, undefined, undefined, undefined, { completed: true })).data;
assert.equal(done.completed, true);

// What goes wrong
const conflict = await problem(412, tasks.updateTask("me", made.id, { title: "Mine" }, etag));
assert.equal(conflict.code, "precondition_failed");
assert.deepEqual(conflict.current, done);
const invalid = await problem(422, tasks.createTask("me", { title: " ", tags: ["a", "A"] }));
assert.deepEqual(invalid.errors?.map((each) => [each.pointer, each.code]), [["/title", "blank"], ["/tags", "duplicate_tag"]]);
assert.equal((await problem(401, api(url, "no-token").listTasks("me"))).code, "unauthorized");

// Into the trash, out of it, and past it
await tasks.deleteTask("me", own);
const trashed = (await tasks.getTask("me", own)).data;
assert.equal(typeof trashed.trashed_at, "string");
assert.deepEqual((await tasks.listTasks("me", ListTasksStatusEnum.Trashed)).data.items, [trashed]);
const refused = await problem(409, tasks.updateTask("me", own, { title: "Mine" }));
assert.deepEqual([refused.code, refused.current], ["task_trashed", trashed]);
const restored = (await tasks.restoreTask("me", own)).data;
assert.deepEqual([restored.trashed_at, restored.title], [null, trashed.title]);
await tasks.deleteTask("me", own, true);
assert.equal((await problem(404, tasks.getTask("me", own))).code, "task_not_found");

// Lists, whose 412 brings a list
const lists = new ListsApi(new Configuration({ basePath: url, accessToken: token }));
const moving = (await lists.createList("me", { title: "Moving house", color: "#2F6FED" })).data;
assert.deepEqual((await lists.listLists("me")).data.items.map((each) => each.color), ["#2f6fed"]);
const renamed = (await lists.updateList("me", moving.id, { title: "The new flat" }, `"${moving.etag}"`)).data;
assert.deepEqual((await problem(412, lists.updateList("me", moving.id, { color: null }, `"${moving.etag}"`))).current, renamed);

// An API of tomorrow, whose answers have members and codes that this client does not know
assert.equal((await api(tomorrow).getTask("me", made.id)).data.title, "Pay rent");
assert.equal((await problem(404, api(tomorrow).getTask("me", own))).code, "code_of_tomorrow");
