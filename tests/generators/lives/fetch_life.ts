// Some calls of the fetch client of OpenAPI Generator: `node fetch_life.js URL TOKEN URL_OF_TOMORROW`.
import assert from "node:assert/strict";
import { Configuration, ResponseError, TasksApi } from "../typescript-fetch/index.js";

const [url, token, tomorrow] = process.argv.slice(2) as [string, string, string];
const api = (basePath: string) => new TasksApi(new Configuration({ basePath, accessToken: token }));
const tasks = api(url);

const made = await tasks.createTask({ userId: "me", taskCreation: { title: "Pay rent", due: "2026-12-01" } });
assert.ok(made.createdAt instanceof Date);
const path = { userId: "me", taskId: made.id };
assert.equal((await tasks.updateTask({ ...path, taskPatch: { due: null } })).due, null);
assert.equal((await tasks.updateTask({ ...path, taskPatch: { priority: "high" } })).title, "Pay rent");
assert.equal((await tasks.toggleTask(path)).completed, true);
assert.equal((await tasks.toggleTask({ ...path, taskCompletion: {} })).completed, false);
assert.equal((await tasks.toggleTask({ ...path, taskCompletion: { completed: true } })).completed, true);
assert.equal((await tasks.listTasks({ userId: "me", status: "completed" })).items[0]?.id, made.id);
await assert.rejects(tasks.createTask({ userId: "me", taskCreation: { title: " " } }), (error) => error instanceof ResponseError && error.response.status === 422);
assert.equal((await api(tomorrow).getTask(path)).title, "Pay rent");
