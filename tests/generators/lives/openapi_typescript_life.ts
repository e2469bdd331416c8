// Some calls by the types of openapi-typescript: `node openapi_typescript_life.js URL TOKEN URL_OF_TOMORROW`.
import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { paths } from "../openapi-typescript/types.js";

const [baseUrl, token] = process.argv.slice(2) as [string, string];
const api = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token}` } });

const made = await api.POST("/users/{user_id}/tasks", { params: { path: { user_id: "me" } }, body: { title: "Pay rent" } });
assert.ok(made.data);
const params = { path: { user_id: "me", task_id: made.data.id } };
assert.equal((await api.POST("/users/{user_id}/tasks/{task_id}/toggle", { params })).data?.completed, true);
assert.equal((await api.POST("/users/{user_id}/tasks/{task_id}/toggle", { params, body: {} })).data?.completed, false);
