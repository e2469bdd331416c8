import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import type { Task } from "../src/client.js";
import { dueLabel, dueToday, isOverdue, midnight } from "../src/due.js";
import { TaskBoard } from "../src/optimistic.js";
import { isRepeatable, withRetries } from "../src/retries.js";
import { createTask, listTasks } from "../src/tasks.js";
import { auth0Tokens, betterAuthTokens, cognitoTokens, remembered } from "../src/tokens.js";
import { all, apiOf, losingFirstReply, refused } from "./api.js";

const zone = process.env["TZ"];
afterEach(() => {
  if (zone === undefined) delete process.env["TZ"];
  else process.env["TZ"] = zone;
});

const task: Task = {
  id: newId(1),
  user_id: "alice",
  title: "Pay rent",
  description: null,
  completed: false,
  completed_at: null,
  due: null,
  priority: "none",
  tags: [],
  list_id: null,
  position: "h0V35Ds1D",
  checklist: [],
  trashed_at: null,
  created_at: "2026-11-20T09:30:00.123Z",
  updated_at: "2026-11-20T09:30:00.123Z",
  version: 1,
  etag: "019aa09c1ebTrt6AEJz",
};

function newId(last: number): string {
  return `019aa0b6-3d6b-7c40-9d53-4a1f0c8e2b${String(last).padStart(2, "0")}`;
}

for (const [name, from, before] of [
  ["Europe/Berlin", "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00"], // clocks go back in between
  ["America/New_York", "2026-10-24T00:00:00-04:00", "2026-10-25T00:00:00-04:00"],
  ["Asia/Kolkata", "2026-10-25T00:00:00+05:30", "2026-10-26T00:00:00+05:30"],
  ["America/St_Johns", "2026-10-24T00:00:00-02:30", "2026-10-25T00:00:00-02:30"],
] as const) {
  test(`today is the user's day in ${name}`, () => {
    process.env["TZ"] = name;
    const now = new Date("2026-10-25T00:30:00Z");

    assert.deepEqual(dueToday(now), { status: "open", sort: "due", due_from: from, due_before: before });
  });
}

for (const [name, from, to] of [
  ["America/Santiago", 2025, 2028], // clocks skip midnight
  ["Africa/Cairo", 2024, 2028],
  ["Asia/Beirut", 2024, 2028],
  ["America/Havana", 2024, 2028],
  ["America/Sao_Paulo", 2017, 2019],
  ["America/St_Johns", 2009, 2012], // clocks went back at 00:01, so two midnights
  ["Pacific/Apia", 2011, 2012], // 30 December 2011 never came
  ["Europe/Berlin", 2026, 2028],
  ["Asia/Kathmandu", 2026, 2028],
] as const) {
  test(`a day begins at its first moment in ${name}`, () => {
    process.env["TZ"] = name;
    for (const day = new Date(from, 0, 1, 12); day.getFullYear() < to; day.setDate(day.getDate() + 1)) {
      const bound = midnight(0, day);
      const first = new Date(bound);

      assert.equal(first.toDateString(), day.toDateString(), bound);
      for (const minutes of [1, 15, 30, 59, 60, 61, 90, 120]) {
        const before = new Date(first.getTime() - minutes * 60_000);
        assert.notEqual(before.toDateString(), day.toDateString(), bound);
      }
      // The bound's own date is the day that the API compares days with
      assert.equal(bound.slice(0, 10), isoDay(day));
    }
  });
}

function isoDay(date: Date): string {
  return date.toLocaleDateString("sv-SE");
}

test("the day that clocks skip midnight on begins at one", () => {
  process.env["TZ"] = "America/Santiago";
  const { due_from, due_before } = dueToday(new Date("2027-09-05T12:00:00Z"));

  assert.equal(due_from, "2027-09-05T01:00:00-03:00");
  assert.equal(due_before, "2027-09-06T00:00:00-03:00");
});

test("a task that is due on a day is overdue when the day is over where the user is", () => {
  process.env["TZ"] = "America/New_York";
  const due = { ...task, due: "2026-12-01" };

  assert.equal(isOverdue(due, new Date("2026-12-02T04:59:00Z")), false);
  assert.equal(isOverdue(due, new Date("2026-12-02T05:01:00Z")), true);
  assert.equal(isOverdue({ ...task, due: "2026-12-01T10:00:00.000Z" }, new Date("2026-12-01T10:00:01Z")), true);
  assert.equal(isOverdue({ ...due, completed: true }, new Date("2027-01-01T00:00:00Z")), false);
  assert.equal(isOverdue(task), false);
});

test("a day is shown as that day in every zone", () => {
  for (const name of ["America/Los_Angeles", "Pacific/Apia", "America/Santiago", "Pacific/Auckland"]) {
    process.env["TZ"] = name;
    assert.equal(dueLabel("2026-12-01", "en-GB"), "1 Dec 2026");
    assert.equal(dueLabel("2011-12-30", "en-GB"), "30 Dec 2011");
  }
  assert.match(dueLabel("2026-12-01T11:05:00.000Z", "en-GB"), /2 Dec 2026, 00:05/);
  assert.match(midnight(1), /T00:00:00[+-]\d\d:\d\d$/);
});

test("busy answers are waited for as long as they ask", async () => {
  const waits: number[] = [];
  const answers = [new Response(null, { status: 503, headers: { "Retry-After": "2" } }), new Response("ok")];
  const send = withRetries(async () => answers.shift()!, 4, async (milliseconds) => void waits.push(milliseconds));

  assert.equal((await send(new Request("http://127.0.0.1/"))).status, 200);
  assert.equal(waits.length, 1);
  assert.ok(waits[0]! >= 2000);
});

for (const [header, least, most] of [
  ["2", 2, 2.5],
  ["0", 1, 1.25],
  ["-5", 1, 1.25],
  ["1.5", 1, 1.25],
  ["soon", 1, 1.25],
  ["soon 2099", 1, 1.25],
  ["", 1, 1.25],
  [null, 1, 1.25],
  [new Date(Date.now() - 86_400_000).toUTCString(), 1, 1.25],
  [new Date(Date.now() + 30_000).toUTCString(), 20, 37.5],
] as const) {
  test(`a Retry-After of ${JSON.stringify(header)} is waited for`, async () => {
    const waits: number[] = [];
    const busy = new Response(null, { status: 429, headers: header === null ? {} : { "Retry-After": header } });
    const answers = [busy, new Response("ok")];
    const send = withRetries(async () => answers.shift()!, 4, async (milliseconds) => void waits.push(milliseconds));

    assert.equal((await send(new Request("http://127.0.0.1/"))).status, 200);
    assert.equal(waits.length, 1);
    assert.ok(waits[0]! >= least * 1000 && waits[0]! <= most * 1000, String(waits[0]));
  });
}

for (const header of ["3600", "99999999999", "9".repeat(400), "Fri, 31 Dec 9999 23:59:59 GMT"]) {
  test(`nobody is left waiting for ${header.slice(0, 30)}`, async () => {
    const busy = async () => new Response(null, { status: 429, headers: { "Retry-After": header } });
    const send = withRetries(busy, 4, async () => assert.fail("it waited"));

    assert.equal((await send(new Request("http://127.0.0.1/"))).status, 429);
  });
}

test("waits grow with each try", async () => {
  const waits: number[] = [];
  const busy = async () => new Response(null, { status: 503, headers: { "Retry-After": "1" } });
  await withRetries(busy, 4, async (milliseconds) => void waits.push(milliseconds))(new Request("http://127.0.0.1/"));

  assert.deepEqual(waits.map((wait) => Math.trunc(Math.log2(wait / 1000))), [0, 1, 2]);
});

test("tries come to an end", async () => {
  let sent = 0;
  const send = withRetries(
    async () => {
      sent++;
      throw new TypeError("fetch failed");
    },
    3,
    async () => {},
  );

  await assert.rejects(send(new Request("http://127.0.0.1/")), TypeError);
  assert.equal(sent, 3);
});

test("what would do harm is not sent again", () => {
  const post = (path: string, init: RequestInit = {}) => new Request(`http://127.0.0.1${path}`, { method: "POST", ...init });

  assert.equal(isRepeatable(post("/users/me/tasks")), false);
  assert.equal(isRepeatable(post("/users/me/tasks", { headers: { "Idempotency-Key": "k" } })), true);
  assert.equal(isRepeatable(post("/users/me/tasks/1/toggle")), false);
  assert.equal(isRepeatable(post("/users/me/tasks/1/toggle", { headers: { "Content-Type": "application/json" } })), true);
  assert.equal(isRepeatable(post("/users/me/tasks/1/move")), true);
  assert.equal(isRepeatable(post("/users/me/tasks/1/restore")), true);
  assert.equal(isRepeatable(new Request("http://127.0.0.1/", { method: "DELETE" })), true);
});

function jwt(exp: number): string {
  return `x.${Buffer.from(JSON.stringify({ exp, sub: "åsa?>" })).toString("base64url")}.x`;
}

test("a token is remembered until shortly before it expires, and asked for once", async () => {
  let issued = 0;
  let now = 0;
  const tokens = remembered(async () => (issued++, jwt(900)), () => now);

  await Promise.all([tokens.current(), tokens.current(), tokens.renew()]);
  assert.equal(await tokens.current(), jwt(900));
  assert.equal(issued, 1);
  now = 875_000;
  await tokens.current();
  assert.equal(issued, 2);
});

test("identity providers' clients become tokens", async () => {
  const token = jwt(4_000_000_000);
  const better = betterAuthTokens({ token: async () => ({ data: { token }, error: null }) });
  assert.equal(await better.current(), token);
  const out = betterAuthTokens({ token: async () => ({ data: null, error: { message: "signed out" } }) });
  await assert.rejects(out.current(), /signed out/);

  const cognito = cognitoTokens(async (options) => ({ tokens: { accessToken: { toString: () => `${options?.forceRefresh}` } } }));
  assert.deepEqual([await cognito.current(), await cognito.renew()], ["false", "true"]);
  await assert.rejects(cognitoTokens(async () => ({})).current(), /not signed in/);

  const auth0 = auth0Tokens({ getTokenSilently: async (options) => options?.cacheMode ?? "on" });
  assert.deepEqual([await auth0.current(), await auth0.renew()], ["on", "off"]);
});

test("a change is shown before it is confirmed", async () => {
  const api = apiOf("jan");
  const created = await createTask(api, { title: "Pay rent" });
  let drawn = 0;
  const board = new TaskBoard(api, () => drawn++);
  board.show(created);

  const sent = [board.change(created.id, { title: "Pay the rent" }), board.change(created.id, { priority: "high" })];
  const [shown] = board.tasks;
  assert.deepEqual([shown?.title, shown?.priority, shown?.version], ["Pay the rent", "high", 1]);
  await Promise.all(sent);
  assert.deepEqual(board.tasks, await all(listTasks(api)));
  assert.equal(board.tasks[0]?.version, 3);
  assert.ok(drawn >= 5);
});

test("a change that fails is taken back", async () => {
  const api = apiOf("kim", losingFirstReply());
  const created = await createTask(api, { title: "Pay rent" });
  const board = new TaskBoard(api, () => {});
  board.show(created);

  const first = board.change(created.id, { title: " " });
  const second = board.change(created.id, { due: "2026-12-01" });
  await refused(first, "validation_failed");
  await second;
  assert.deepEqual([board.tasks[0]?.title, board.tasks[0]?.due], ["Pay rent", "2026-12-01"]);
});
