// The running API: its address and its users' tokens come from whoever starts the tests.

import assert from "node:assert/strict";

import { connect, type Fetch, type TaskApi, type Tokens, withToken } from "../src/client.js";
import { type Problem, ProblemError } from "../src/problems.js";
import { withRetries } from "../src/retries.js";

const users: Record<string, string> = JSON.parse(process.env["TASK_API_TOKENS"] ?? "{}");

export const baseUrl = process.env["TASK_API_URL"] ?? "";

/** The token of a user whom no other test has: `expired` has one that has expired. */
export function token(user: string): string {
  const found = users[user];
  if (found === undefined) throw new Error(`there is no token for ${user}`);
  return found;
}

export function tokensOf(user: string): Tokens {
  return { current: async () => token(user), renew: async () => token(user) };
}

/** The user's API; waits are skipped. */
export function apiOf(user: string, send: Fetch = fetch): TaskApi {
  return connect(baseUrl, withToken(tokensOf(user), withRetries(send, 4, async () => {})));
}

/** A network that loses the reply to the first request, after the API has carried it out. */
export function losingFirstReply(send: Fetch = fetch): Fetch {
  let lost = false;
  return async (request) => {
    const response = await send(request);
    if (lost) return response;
    lost = true;
    throw new TypeError("fetch failed");
  };
}

export async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

export async function refused(answer: Promise<unknown>, code: Problem["code"]): Promise<void> {
  await assert.rejects(answer, (error) => error instanceof ProblemError && error.problem.code === code);
}
