// Due dates: a day is a day wherever the user is, an instant is the same moment everywhere.

// #region bounds
import type { ListQuery, Task } from "./client.js";

/** The first moment of a day, `days` from now, in the user's zone: `2026-12-01T00:00:00+01:00`, an hour later where clocks skip midnight. */
export function midnight(days: number, now: Date = new Date()): string {
  const date = new Date(now.getFullYear(), now.getMonth(), now.getDate() + days);
  const minutes = -date.getTimezoneOffset(); // at that very moment
  const two = (value: number) => String(Math.trunc(Math.abs(value))).padStart(2, "0");
  const day = `${String(date.getFullYear()).padStart(4, "0")}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:00`;
  return `${day}T${time}${minutes < 0 ? "-" : "+"}${two(minutes / 60)}:${two(minutes % 60)}`;
}

/** The open tasks of the user's today; the offset tells the API which day that is. */
export function dueToday(now?: Date): ListQuery {
  return { status: "open", sort: "due", due_from: midnight(0, now), due_before: midnight(1, now) };
}
// #endregion

// #region overdue
/** Whether a task is overdue: one that is due on a day, when that day is over here. */
export function isOverdue(task: Task, now: Date = new Date()): boolean {
  if (task.completed || task.due === null) return false;
  const isDay = task.due.length === "2026-12-01".length;
  return isDay ? task.due < midnight(0, now).slice(0, 10) : new Date(task.due) < now;
}

/** How to show a due date. `new Date("2026-12-01")` is midnight in UTC, so a day is shown as of UTC too. */
export function dueLabel(due: string, locale?: string): string {
  return due.length === "2026-12-01".length
    ? new Date(due).toLocaleDateString(locale, { dateStyle: "medium", timeZone: "UTC" })
    : new Date(due).toLocaleString(locale, { dateStyle: "medium", timeStyle: "short" });
}
// #endregion
