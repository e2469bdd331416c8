import assert from "node:assert/strict";
import { test } from "node:test";

import { connect, withToken } from "../src/client.js";
import { message, ProblemError } from "../src/problems.js";
import { taskApi } from "../src/setup.js";
import {
  changeTask,
  completeTask,
  ConflictError,
  createTask,
  deleteTask,
  entityTag,
  listTasks,
  moveTask,
  newTaskId,
  putTask,
  readTask,
  restoreTask,
} from "../src/tasks.js";
import { all, apiOf, baseUrl, losingFirstReply, refused, token, tokensOf } from "./api.js";

test("a task is created, read, changed, completed and deleted", async () => {
  const api = taskApi(baseUrl, tokensOf("ann"));

  const created = await createTask(api, { title: "Pay rent", due: "2026-12-01", tags: ["home"] });
  assert.equal(created.version, 1);
  assert.equal(entityTag(created), `"${created.etag}"`);
  assert.deepEqual(await readTask(api, created.id), created);
  const changed = await changeTask(api, created, { due: null });
  assert.equal(changed.due, null);
  assert.deepEqual(changed.tags, ["home"]);
  assert.equal((await completeTask(api, created.id, true)).completed, true);
  assert.equal((await completeTask(api, created.id, true)).version, 3, "setting the same state changes nothing");
  await deleteTask(api, created.id, true);
  await deleteTask(api, created.id, true);
  await refused(readTask(api, created.id), "task_not_found");
});

test("a deleted task is in the trash, and comes back as it was", async () => {
  const api = apiOf("lea");
  const task = await createTask(api, { title: "Pay rent", completed: true, checklist: [{ id: "a", title: "Ask" }] });

  await deleteTask(api, task.id);
  await deleteTask(api, task.id);
  assert.deepEqual(await all(listTasks(api)), []);
  assert.deepEqual((await all(listTasks(api, { status: "trashed" }))).map((each) => each.id), [task.id]);
  assert.notEqual((await readTask(api, task.id)).trashed_at, null);

  const restored = await restoreTask(api, task.id);
  const { version, etag, updated_at } = restored;
  assert.deepEqual(restored, { ...task, version, etag, updated_at });
  assert.deepEqual(await restoreTask(api, task.id), restored, "it is out already");
});

test("a restore whose reply was lost is done", async () => {
  const task = await createTask(apiOf("mia"), { title: "Pay rent" });
  await deleteTask(apiOf("mia"), task.id);

  assert.equal((await restoreTask(apiOf("mia", losingFirstReply()), task.id)).trashed_at, null);
});

test("a task moves before another, behind it, and to the end of a list", async () => {
  const api = apiOf("ned");
  const ids: string[] = [];
  for (const title of ["a", "b", "c"]) ids.push((await createTask(api, { title })).id);
  const [a, b, c] = ids as [string, string, string];
  const order = async (list: string) => {
    const query = { status: "open", sort: "position", list } as const;
    return (await all(listTasks(api, query))).map((task) => task.title).join("");
  };

  await moveTask(api, c, { before: a });
  assert.equal(await order("inbox"), "cab");
  await moveTask(api, c, { after: a });
  assert.equal(await order("inbox"), "acb");
  await moveTask(api, a);
  assert.equal(await order("inbox"), "cba");
  await moveTask(api, b, { list_id: LIST });
  assert.equal(await order("inbox"), "ca");
  assert.equal(await order(LIST), "b");
  await refused(moveTask(api, a, { before: b }), "validation_failed");
});

test("an expired token is renewed once, and the request sent again with its body", async () => {
  let renewals = 0;
  const api = connect(
    baseUrl,
    withToken({
      current: async () => token("expired"),
      renew: async () => (renewals++, token("ben")),
    }),
  );

  assert.equal((await createTask(api, { title: "Pay rent" })).title, "Pay rent");
  assert.equal(renewals, 1);
});

test("a user who is signed out gets a problem and no endless loop", async () => {
  const api = apiOf("expired");

  await assert.rejects(all(listTasks(api)), (error) => {
    assert.ok(error instanceof ProblemError);
    assert.equal(error.problem.code, "unauthorized");
    assert.equal(message(error.problem), "Please sign in again.");
    return true;
  });
});

test("a list is walked page by page, and every task comes once", async () => {
  const api = apiOf("cleo");
  const titles = Array.from({ length: 7 }, (_, index) => `Task ${index}`);
  for (const title of titles) await createTask(api, { title, priority: title === "Task 3" ? "high" : "none" });

  const found = await all(listTasks(api, { limit: 3, sort: "created_at", order: "asc" }));
  assert.deepEqual(
    found.map((task) => task.title),
    titles,
  );
  const [important, ...others] = await all(listTasks(api, { priority: "high", limit: 2 }));
  assert.equal(important?.title, "Task 3");
  assert.deepEqual(others, []);
});

test("a create whose reply was lost makes one task", async () => {
  const api = apiOf("dora", losingFirstReply());

  const created = await createTask(api, { title: "Once" });
  assert.deepEqual(await all(listTasks(api)), [created]);
});

test("the same key with another task is refused", async () => {
  const api = apiOf("dora");
  const key = crypto.randomUUID();
  await createTask(api, { title: "One" }, key);

  await refused(createTask(api, { title: "Another" }, key), "idempotency_key_reused");
});

test("changes of different members are merged", async () => {
  const api = apiOf("eve");
  const seen = await createTask(api, { title: "Pay rent" });
  await changeTask(api, seen, { priority: "high" });

  const merged = await changeTask(api, seen, { title: "Pay the rent" });
  assert.equal(merged.title, "Pay the rent");
  assert.equal(merged.priority, "high");
});

test("changes of the same member are a conflict that shows both versions", async () => {
  const api = apiOf("eve");
  const seen = await createTask(api, { title: "Pay rent" });
  await changeTask(api, seen, { title: "Pay the landlord" });

  await assert.rejects(changeTask(api, seen, { title: "Pay the rent", due: "2026-12-01" }), (error) => {
    assert.ok(error instanceof ConflictError);
    assert.equal(error.theirs.title, "Pay the landlord");
    assert.deepEqual(error.members, ["title"]);
    return true;
  });
});

const LIST = "019aa0b5-8f10-7b2e-9c41-2d7e5a604f38";

test("a change whose reply was lost is no conflict with itself", async () => {
  for (const patch of [
    { title: "Pay the rent" },
    { title: " Pay  the re\u0301nt ", description: " one\r\ntwo ", completed: true },
    { description: " ", due: "2026-12-01T09:30:00.1234+01:00", tags: [" bank "] },
    { description: null, due: null, priority: null, tags: null },
    { list_id: LIST.toUpperCase(), position: "a1V", checklist: [{ id: "b", title: " Keep the receipt " }] },
    { list_id: null, checklist: null },
  ]) {
    const task = { title: "Pay rent", description: "soon", due: "2026-11-30", priority: "high", list_id: LIST } as const;
    const seen = await createTask(apiOf("eve"), { ...task, tags: ["home"], checklist: [{ id: "a", title: "Ask", completed: true }] });

    const changed = await changeTask(apiOf("eve", losingFirstReply()), seen, patch);
    assert.equal(changed.version, 2);
  }
});

test("a change of a task that someone deleted is a problem", async () => {
  const api = apiOf("eve");
  const seen = await createTask(api, { title: "Pay rent" });
  await deleteTask(api, seen.id);
  await refused(changeTask(api, seen, { title: "x" }), "task_trashed");
  await deleteTask(api, seen.id, true);

  await refused(changeTask(api, seen, { title: "x" }), "task_not_found");
});

test("a reader that has the task as it is keeps it", async () => {
  const api = apiOf("fay");
  const held = await createTask(api, { title: "Pay rent" });

  assert.equal(await readTask(api, held.id, held), held);
  const changed = await changeTask(api, held, { priority: "low" });
  assert.deepEqual(await readTask(api, held.id, held), changed);
});

test("a delete whose reply was lost is done", async () => {
  const task = await createTask(apiOf("gus"), { title: "Pay rent" });

  await deleteTask(apiOf("gus", losingFirstReply()), task.id);
  assert.deepEqual(await all(listTasks(apiOf("gus"))), []);
});

test("what was made offline can be sent any number of times", async () => {
  const api = apiOf("hal", losingFirstReply());
  const id = newTaskId();

  const first = await putTask(api, id, { title: "Made on the train" });
  assert.equal(first.id, id);
  await putTask(api, id, { title: "Made on the train" });
  assert.equal((await all(listTasks(api))).length, 1);
});

test("ids of one's own sort by their time", () => {
  const ids = [0, 1, 4_294_967_295, 4_294_967_296, 1_795_000_000_000].map(newTaskId);

  assert.deepEqual(ids.toSorted(), ids);
  assert.match(newTaskId(), /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("what is wrong with a form is told by member", async () => {
  await assert.rejects(createTask(apiOf("ida"), { title: " ", tags: ["a", "A"] }), (error) => {
    assert.ok(error instanceof ProblemError && error.problem.code === "validation_failed");
    assert.deepEqual(
      error.problem.errors?.map((violation) => [violation.pointer, violation.code]),
      [
        ["/title", "blank"],
        ["/tags", "duplicate_tag"],
      ],
    );
    assert.match(message(error.problem), /\/title: .+ \/tags: /);
    return true;
  });
});
