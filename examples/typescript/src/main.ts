// The page's entry, for an API that runs on this machine.

// #region main
import { showPage } from "./page.js";

const token = "paste here what make -s token USER=alice prints"; // later: one of the functions that make `Tokens`
const tokens = { current: async () => token, renew: async () => token };

await showPage(document.querySelector<HTMLElement>("#app")!, "http://127.0.0.1:3000", tokens);
// #endregion
