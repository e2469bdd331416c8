/**
 * The settings of this deployment.
 *
 * apiBase: where the API is, without a slash at the end; "" is the origin that served this page. The content security
 *   policy (in index.html, and in the header that the page is served with) must allow it under `connect-src`.
 * tokenEndpoint: where POST {"user": "alice"} returns {"access_token": "…"} for anybody who asks. Only a development
 *   server has one. With null, the page asks for a token.
 */
export const config = { apiBase: "http://127.0.0.1:3000", tokenEndpoint: null };
