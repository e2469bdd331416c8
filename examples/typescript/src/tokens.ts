// Tokens of some identity providers, as `Tokens`. Each function takes the provider's own client, described by what is
// used of it, so that this example depends on none.

// #region better-auth
import type { Tokens } from "./client.js";

/** Better Auth with its `jwt` plugin on the server and `jwtClient` in the browser. */
export interface BetterAuthClient {
  token(): Promise<{ data: { token: string } | null; error: { message?: string | undefined } | null }>;
}

export function betterAuthTokens(client: BetterAuthClient): Tokens {
  return remembered(async () => {
    const { data, error } = await client.token();
    if (data === null) throw new Error(error?.message ?? "not signed in");
    return data.token;
  });
}
// #endregion

// #region cognito
/** Amazon Cognito through AWS Amplify: pass `fetchAuthSession` of `aws-amplify/auth`. */
export type FetchAuthSession = (options?: { forceRefresh?: boolean }) => Promise<{
  tokens?: { accessToken: { toString(): string } } | undefined;
}>;

export function cognitoTokens(fetchAuthSession: FetchAuthSession): Tokens {
  const accessToken = async (forceRefresh: boolean) => {
    const { tokens } = await fetchAuthSession({ forceRefresh });
    if (tokens === undefined) throw new Error("not signed in");
    return tokens.accessToken.toString();
  };
  return { current: () => accessToken(false), renew: () => accessToken(true) };
}
// #endregion

// #region auth0
/** Auth0's single-page SDK, created with `authorizationParams: { audience }`: without one, its tokens are no JWTs. */
export interface Auth0Client {
  getTokenSilently(options?: { cacheMode?: "on" | "off" }): Promise<string>;
}

export function auth0Tokens(client: Auth0Client): Tokens {
  return {
    current: () => client.getTokenSilently(),
    renew: () => client.getTokenSilently({ cacheMode: "off" }),
  };
}
// #endregion

// #region remembered
/** Remembers a token until it is about to expire. Any number of requests at a time wait for the same new one. */
export function remembered(issue: () => Promise<string>, now: () => number = Date.now): Tokens {
  let token: string | undefined;
  let pending: Promise<string> | undefined;
  const renew = () =>
    (pending ??= issue()
      .then((issued) => (token = issued))
      .finally(() => (pending = undefined)));
  return {
    current: async () => (token !== undefined && expiry(token) > now() + 30_000 ? token : renew()),
    renew,
  };
}

/** When a JWT expires, in milliseconds. Only for deciding when to renew: whom to believe is the API's business. */
function expiry(token: string): number {
  const payload = token.split(".")[1] ?? "";
  const claims: { exp?: number } = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/")));
  return (claims.exp ?? 0) * 1000;
}
// #endregion
