/** Puts the page together. */

import { config } from "../config.js";
import { TaskApi } from "./api.js";
import { Connection } from "./connection.js";
import { timeZone } from "./days.js";
import { Session, takeTokenFromAddress, TokenRefused } from "./session.js";
import { Tasks } from "./tasks.js";
import { Composer } from "./views/composer.js";
import { ConflictDialog } from "./views/conflict.js";
import { byId, isWriting } from "./views/document.js";
import { Filters } from "./views/filters.js";
import { List } from "./views/list.js";
import { announce, SavingState, Toast } from "./views/notices.js";
import { installShortcuts } from "./views/shortcuts.js";
import { SignIn } from "./views/sign-in.js";
import { themeSwitch } from "./views/theme-switch.js";

const CLOCK_MS = 30_000;

const session = new Session(sessionStorage, config.apiBase);
const apiName = config.apiBase || location.origin;

function signOut() {
  session.signOut();
  location.assign(location.pathname); // asks first when something is not saved
}

/** What is there for a user who is signed in; made once. */
function openWorkplace() {
  const connection = new Connection();
  const toast = new Toast();
  const filters = new Filters((query) => {
    tasks.show(query);
    scrollTo({ top: 0 });
  });
  const tasks = new Tasks(new TaskApi(config.apiBase, session), connection, filters.query);
  const conflictDialog = new ConflictDialog((id, patch) => tasks.settle(id, patch));

  const remove = (id) => {
    const task = tasks.remove(id);
    toast.show(`Deleted “${task.title}”`, { label: "Undo", run: () => undoRemove(task) });
  };
  const undoRemove = (task) => {
    tasks.restore(task);
    announce(`${task.title} is back`);
  };
  const complete = (id, completed) => {
    const { task } = tasks.entry(id);
    tasks.complete(id, completed);
    const undo = { label: "Undo", run: () => tasks.entry(id) && tasks.complete(id, !completed) };
    toast.show(`${completed ? "Completed" : "Reopened"} “${task.title}”`, undo);
  };
  const review = (id = tasks.conflicts[0]) => {
    const conflict = tasks.conflictOf(id);
    if (conflict !== null && !document.querySelector("dialog[open]")) conflictDialog.show(id, conflict);
  };
  const list = new List(tasks, { complete, remove, review, filterTag: (tag) => filters.set({ tag }) });
  const composer = new Composer((content) => tasks.add(content));
  new SavingState(tasks, connection, apiName, () => review());

  tasks.addEventListener("change", () => filters.offerTags(tasks.tags()));
  tasks.addEventListener("added", ({ detail: { task, isShown } }) => {
    if (isShown) {
      announce(`Added ${task.title}`);
      list.reveal(task.id);
    } else {
      const show = () => filters.set({ view: task.completed ? "completed" : "open", due: "", priority: "", tag: "", q: "" });
      toast.show(`Added “${task.title}”, which this list does not show`, { label: "Show", run: show });
    }
  });
  tasks.addEventListener("conflict", ({ detail: { id } }) => {
    toast.hide();
    // Not while the user writes: the row and the bar below say it, too.
    if (!isWriting() && !list.isEditing) review(id);
  });
  tasks.addEventListener("refused", ({ detail: { write, problem } }) => {
    if (write.kind === "create" && composer.giveBack(write.content, problem)) return;
    if (write.kind === "update" && problem.status === 422) return void list.edit(write.id, { patch: write.patch, problem });
    const what = problem.isGone ? "It was deleted elsewhere." : problem.message;
    toast.show(`That was not saved. ${what}`);
  });

  const current = (action) => () => list.currentId !== null && action(list.currentId);
  const shortcuts = [
    { keys: ["n"], text: "New task", run: () => composer.focus() },
    { keys: ["/"], text: "Search", run: () => byId("search").focus() },
    { keys: ["j"], text: "Next task; in the list also ↓", run: () => list.move(1) },
    { keys: ["k"], text: "Previous task; in the list also ↑", run: () => list.move(-1) },
    { keys: ["x"], text: "Complete or reopen the task", run: current((id) => complete(id, !tasks.entry(id).task.completed)) },
    { keys: ["e"], text: "Edit the task; Esc leaves, Ctrl+Enter saves", run: current((id) => list.edit(id)) },
    { keys: ["#"], text: "Delete the task; in the list also Delete", run: current(remove) },
    { keys: ["z"], text: "Undo what was just completed or deleted", run: () => toast.act() },
    { keys: ["1"], text: "Open tasks", run: () => filters.set({ view: "open", sort: "" }) },
    { keys: ["2"], text: "Completed tasks", run: () => filters.set({ view: "completed", sort: "" }) },
    { keys: ["3"], text: "All tasks", run: () => filters.set({ view: "all", sort: "" }) },
    { keys: ["r"], text: "Reload the list", run: () => tasks.reload() },
  ];
  installShortcuts(shortcuts, `Dates are in your time zone, ${timeZone()}. The API is ${apiName}.`);

  byId("reload").addEventListener("click", () => tasks.reload());
  // What is due today is overdue tomorrow, also in a tab that is left open.
  setInterval(() => list.render(), CLOCK_MS);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && tasks.phase === "ready" && tasks.isOnePage && !list.isEditing) tasks.reload();
  });

  list.render();
  tasks.reload();
}

function openFor(user) {
  byId("user").textContent = user;
  byId("account").hidden = false;
  byId("workplace").hidden = false;
  openWorkplace();
}

function start() {
  themeSwitch();
  const signIn = new SignIn(session, config.tokenEndpoint, signOut);
  byId("sign-out").addEventListener("click", signOut);
  const token = takeTokenFromAddress();
  if (token !== null) {
    try {
      session.signOut(); // the one in the address is the newer wish
      session.accept(token);
    } catch (refusal) {
      if (!(refusal instanceof TokenRefused)) throw refusal;
      announce(refusal.message);
    }
  }
  // Another token in the address of a page that is open already.
  addEventListener("hashchange", () => location.hash.startsWith("#token=") && location.reload());
  if (session.isSignedIn) return void openFor(session.user);
  signIn.ask();
  session.addEventListener(
    "signedin",
    () => {
      signIn.hide();
      openFor(session.user);
      byId("new-title").focus();
    },
    { once: true },
  );
}

start();
