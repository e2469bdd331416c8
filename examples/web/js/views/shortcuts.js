/**
 * The keyboard, and the dialog that explains it.
 *
 * Keys without Ctrl can be switched off: who dictates, or hits keys by accident, must be able to (WCAG 2.2, success
 * criterion 2.1.4).
 */

import { byId, element, isInField } from "./document.js";

const SETTING = "tasks.single-keys";

/**
 * @typedef {object} Shortcut
 * @property {string[]} keys KeyboardEvent.key; any of them.
 * @property {string} text What it does.
 * @property {() => void} [run] None where the list itself does it.
 */

/** @param {Shortcut[]} shortcuts */
export function installShortcuts(shortcuts, about) {
  const dialog = byId("help-dialog");
  const toggle = byId("single-keys");
  toggle.checked = readSetting();
  toggle.addEventListener("change", () => writeSetting(toggle.checked));
  const all = [...shortcuts, { keys: ["?"], text: "This help", run: () => dialog.showModal() }];
  byId("shortcuts").append(...all.flatMap(({ keys, text }) => [element("dt", {}, ...keysShown(keys)), element("dd", {}, text)]));
  byId("about").textContent = about;
  byId("help").addEventListener("click", () => dialog.showModal());
  byId("help-close").addEventListener("click", () => dialog.close());

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (!toggle.checked || isInField() || document.querySelector("dialog[open]")) return;
    const shortcut = all.find(({ keys, run }) => run && keys.includes(event.key));
    if (shortcut === undefined) return;
    event.preventDefault();
    shortcut.run();
  });
}

const NAMES = { ArrowDown: "↓", ArrowUp: "↑", " ": "Space" };

function keysShown(keys) {
  return keys.flatMap((key, index) => [...(index > 0 ? [" or "] : []), element("kbd", {}, NAMES[key] ?? key)]);
}

function readSetting() {
  try {
    return localStorage.getItem(SETTING) !== "off";
  } catch {
    return true;
  }
}

function writeSetting(isOn) {
  try {
    localStorage.setItem(SETTING, isOn ? "on" : "off");
  } catch { /* holds for this visit */ }
}
