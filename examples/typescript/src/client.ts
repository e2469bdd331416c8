// The client: typed by the document, with a token on every request, and a new one when it has expired.

// #region client
import createClient from "openapi-fetch";
import type { components, paths } from "./openapi.js";

export type Task = components["schemas"]["Task"];
export type TaskCreation = components["schemas"]["TaskCreation"];
export type TaskPatch = components["schemas"]["TaskPatch"];
export type TaskMove = components["schemas"]["TaskMove"];
export type ListQuery = NonNullable<paths["/users/{user_id}/tasks"]["get"]["parameters"]["query"]>;

export type TaskApi = ReturnType<typeof connect>;

export function connect(baseUrl: string, send: Fetch) {
  return createClient<paths>({ baseUrl, fetch: send });
}
// #endregion

// #region tokens
export type Fetch = (request: Request) => Promise<Response>;

/** Where tokens come from: `current` may answer one that it remembers, `renew` must not. */
export interface Tokens {
  current(): Promise<string>;
  renew(): Promise<string>;
}

/** Adds the token. A 401 gets one more try with a new token; a second 401 means that the user must sign in. */
export function withToken(tokens: Tokens, send: Fetch = fetch): Fetch {
  return async (request) => {
    const again = request.clone();
    const response = await send(bearing(await tokens.current(), request));
    return response.status === 401 ? send(bearing(await tokens.renew(), again)) : response;
  };
}

function bearing(token: string, request: Request): Request {
  request.headers.set("Authorization", `Bearer ${token}`);
  return request;
}
// #endregion
