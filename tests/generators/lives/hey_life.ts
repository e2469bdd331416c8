// Some calls of Hey API's client: `node hey_life.js URL TOKEN URL_OF_TOMORROW`.
import assert from "node:assert/strict";
import { createTask, toggleTask, updateTask } from "../hey-api/index.js";
import { client } from "../hey-api/client.gen.js";

const [baseUrl, auth] = process.argv.slice(2) as [string, string];
client.setConfig({ baseUrl, auth });

const made = await createTask({ path: { user_id: "me" }, body: { title: "Pay rent", due: "2026-12-01" }, throwOnError: true });
const path = { user_id: "me", task_id: made.data.id };
assert.equal((await updateTask({ path, body: { due: null } })).data?.due, null);
assert.equal((await toggleTask({ path })).data?.completed, true);
assert.equal((await toggleTask({ path, body: {} })).data?.completed, false);
const { error } = await createTask({ path: { user_id: "me" }, body: { title: " " } });
assert.equal(error?.errors?.[0]?.code, "blank");
