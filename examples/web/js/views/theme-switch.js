/** Light, dark, or as the system is. */

import { announce } from "./notices.js";
import { byId } from "./document.js";

const THEMES = ["system", "light", "dark"];

/** Makes the button go through the themes and remember the choice. */
export function themeSwitch() {
  const button = byId("theme");
  const root = document.documentElement;
  const label = () => `Theme: ${root.dataset.theme ?? "system"}`;
  button.ariaLabel = button.title = label();
  button.addEventListener("click", () => {
    const theme = THEMES[(THEMES.indexOf(root.dataset.theme ?? "system") + 1) % THEMES.length];
    if (theme === "system") delete root.dataset.theme;
    else root.dataset.theme = theme;
    try {
      localStorage.setItem("tasks.theme", theme);
    } catch { /* not remembered */ }
    button.ariaLabel = button.title = label();
    announce(label());
  });
}
