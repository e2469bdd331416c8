// #region setup
import { connect, type TaskApi, type Tokens, withToken } from "./client.js";
import { withRetries } from "./retries.js";

export function taskApi(baseUrl: string, tokens: Tokens): TaskApi {
  return connect(baseUrl, withToken(tokens, withRetries(fetch)));
}
// #endregion
