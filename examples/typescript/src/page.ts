// A page: a form that adds a task, and the open tasks, which can be ticked off.

// #region page
import type { Task, Tokens } from "./client.js";
import { dueLabel, isOverdue } from "./due.js";
import { TaskBoard } from "./optimistic.js";
import { message, ProblemError } from "./problems.js";
import { taskApi } from "./setup.js";
import { ConflictError, createTask, listTasks } from "./tasks.js";

/** Fills an empty element with the page. */
export async function showPage(root: HTMLElement, baseUrl: string, tokens: Tokens): Promise<void> {
  const api = taskApi(baseUrl, tokens);
  root.innerHTML = `
    <form><input name="title" aria-label="New task" required> <input name="due" type="date" aria-label="Due"> <button>Add</button></form>
    <p role="status"></p>
    <ul></ul>`;
  const form = root.querySelector("form")!;
  const status = root.querySelector("p")!;
  const list = root.querySelector("ul")!;
  const board = new TaskBoard(api, () => list.replaceChildren(...board.tasks.filter((task) => !task.completed).map(row)));

  function row(task: Task): HTMLElement {
    const tick = Object.assign(document.createElement("input"), { type: "checkbox", ariaLabel: "Done" });
    tick.onchange = () => void told(board.change(task.id, { completed: true }));
    const item = document.createElement("li");
    item.className = isOverdue(task) ? "overdue" : "";
    item.append(tick, " ", task.title, task.due === null ? "" : ` (${dueLabel(task.due)})`); // text, never HTML
    return item;
  }

  async function told(work: Promise<unknown>): Promise<void> {
    status.textContent = "";
    await work.catch((error: unknown) => {
      if (error instanceof ConflictError) board.show(error.theirs);
      status.textContent = error instanceof ProblemError ? message(error.problem) : String(error);
    });
  }

  form.onsubmit = (event) => {
    event.preventDefault();
    const fields = new FormData(form);
    const task = { title: String(fields.get("title")), due: String(fields.get("due")) || null };
    void told(
      createTask(api, task).then((created) => {
        board.show(created);
        form.reset();
      }),
    );
  };

  async function load(): Promise<void> {
    for await (const task of listTasks(api, { status: "open", sort: "due" })) board.show(task);
  }
  await told(load());
}
// #endregion
