// Errors: every one is a problem document (RFC 9457), and its `code` tells which.

// #region problems
import type { components } from "./openapi.js";

type Schemas = components["schemas"];

/** Any problem. `code` says which, and may be one that is newer than your page. */
export type Problem = Schemas["Problem"];
export type Violation = Schemas["Violation"];

export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(`${problem.title}: ${problem.detail} (request ${problem.request_id})`);
    this.problem = problem;
  }
}

/** The data of an answer; throws when it is a problem. */
export function dataOf<Data>(answer: { data?: Data; error?: Problem | undefined; response: Response }): Data {
  if (answer.data !== undefined) return answer.data;
  if (answer.error?.code === undefined) throw new Error(`status ${answer.response.status} without a problem`);
  throw new ProblemError(answer.error);
}
// #endregion

// #region messages
/** What to tell the user. */
export function message(problem: Problem): string {
  switch (problem.code) {
    case "validation_failed":
      return (problem.errors ?? []).map(fieldMessage).join(" ");
    case "precondition_failed":
      return problem.current ? "Someone changed this task meanwhile." : "Someone deleted this task meanwhile.";
    case "task_not_found":
      return "This task is gone.";
    case "storage_full":
      return "There is no room for more. Delete some tasks for good first.";
    case "task_trashed":
      return "This task is in the trash. Restore it first.";
    case "unauthorized":
      return "Please sign in again.";
    case "too_many_requests":
    case "store_unavailable":
    case "timeout":
      return "The service is busy. Nothing is lost; please try again.";
    default:
      return `Something went wrong (${problem.request_id}).`;
  }
}

function fieldMessage(violation: Violation): string {
  return `${violation.pointer ?? violation.parameter ?? violation.header}: ${violation.detail}`;
}
// #endregion
