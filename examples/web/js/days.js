/**
 * Due dates on the user's clock.
 *
 * A due date is a day (`2026-12-01`: that day wherever the user is) or an instant (`2026-12-01T08:30:00.000Z`). Only
 * this page knows the user's time zone, so it alone decides what "today" and "overdue" mean, and tells the API by the
 * offset of the bounds that it sends.
 */

// The page is in English: dates are written as the user's own English has them, 24 November or November 24.
const english = navigator.languages.filter((language) => language.startsWith("en"));
const locales = english.length > 0 ? english : ["en-GB"];
const timeFormat = new Intl.DateTimeFormat(locales, { timeStyle: "short" });
const weekdayFormat = new Intl.DateTimeFormat(locales, { weekday: "long" });
const dateFormat = new Intl.DateTimeFormat(locales, { weekday: "short", day: "numeric", month: "short" });
const yearFormat = new Intl.DateTimeFormat(locales, { day: "numeric", month: "short", year: "numeric" });
const fullFormat = new Intl.DateTimeFormat(locales, { dateStyle: "full", timeStyle: "short" });

const pad = (number, width = 2) => String(number).padStart(width, "0");

/** The user's time zone, such as Europe/Berlin. */
export const timeZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The local day of an instant, `2026-12-01`. */
export const dayOf = (date) => `${pad(date.getFullYear(), 4)}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;

/** The local time of an instant, `09:30`. */
export const timeOf = (date) => `${pad(date.getHours())}:${pad(date.getMinutes())}`;

/** The instant at which the user's clock shows a day and a time. */
export function localInstant(day, time = "00:00") {
  const [year, month, date] = day.split("-").map(Number);
  const [hours, minutes] = time.split(":").map(Number);
  const instant = new Date(2000, 0, 1, hours, minutes);
  instant.setFullYear(year, month - 1, date); // new Date(99, …) would be 1999
  instant.setHours(hours, minutes);
  return instant;
}

/** The day that is some days after another. */
export function addDays(day, count) {
  const date = localInstant(day, "12:00"); // noon: no zone changes its clocks then
  date.setDate(date.getDate() + count);
  return dayOf(date);
}

/** Whether a due date is a whole day. */
export const isDay = (due) => due.length === "2026-12-01".length;

/** The user's day on which a due date falls. */
export const dueDay = (due) => (isDay(due) ? due : dayOf(new Date(due)));

/** The value that the API takes, of the form's two fields; an empty time makes it a whole day. */
export const dueFrom = (day, time) => (day === "" ? null : time === "" ? day : localInstant(day, time).toISOString());

/** Whether a due date has passed: a day when it is over, an instant at once. */
export const isPast = (due, now) => (isDay(due) ? due < dayOf(now) : new Date(due) < now);

/** RFC 3339 with the offset of the user's zone at that instant, which is what tells the API the user's day. */
export function withOffset(date) {
  const minutes = -date.getTimezoneOffset();
  const offset = `${minutes < 0 ? "-" : "+"}${pad(Math.trunc(Math.abs(minutes) / 60))}:${pad(Math.abs(minutes) % 60)}`;
  return `${dayOf(date)}T${timeOf(date)}:${pad(date.getSeconds())}${offset}`;
}

/** @typedef {"overdue" | "today" | "tomorrow" | "week" | "later" | "undated"} Group */

/** The groups of a list by due date, in order, and what they are called. */
export const GROUPS = new Map([
  ["overdue", "Overdue"],
  ["today", "Today"],
  ["tomorrow", "Tomorrow"],
  ["week", "Next 7 days"],
  ["later", "Later"],
  ["undated", "No date"],
]);

/** @returns {Group} */
export function groupOf(due, now) {
  if (due === null) return "undated";
  if (isPast(due, now)) return "overdue";
  const today = dayOf(now);
  const day = dueDay(due);
  if (day === today) return "today";
  if (day === addDays(today, 1)) return "tomorrow";
  return day <= addDays(today, 7) ? "week" : "later";
}

/** A due date in a few words: "Today", "Tomorrow 9:30", "Friday", "Mon, 24 Nov". */
export function dueText(due, now) {
  const day = dueDay(due);
  const today = dayOf(now);
  const near = new Map([
    [addDays(today, -1), "Yesterday"],
    [today, "Today"],
    [addDays(today, 1), "Tomorrow"],
  ]);
  const noon = localInstant(day, "12:00");
  const isThisWeek = day > today && day < addDays(today, 7);
  const format = isThisWeek ? weekdayFormat : noon.getFullYear() === now.getFullYear() ? dateFormat : yearFormat;
  const words = near.get(day) ?? format.format(noon);
  return isDay(due) ? words : `${words} ${timeFormat.format(new Date(due))}`;
}

/** An instant in full, for whoever wants to know exactly. */
export const instantText = (instant) => fullFormat.format(new Date(instant));

/** @typedef {"" | "overdue" | "today" | "week"} DueFilter */

/** The API's `due_from` and `due_before` for a filter, as of now. */
export function dueBounds(filter, now) {
  const midnight = (day) => withOffset(localInstant(day));
  const today = dayOf(now);
  switch (filter) {
    case "overdue":
      return { due_before: withOffset(now) };
    case "today":
      return { due_from: midnight(today), due_before: midnight(addDays(today, 1)) };
    case "week":
      return { due_from: midnight(today), due_before: midnight(addDays(today, 8)) };
    default:
      return {};
  }
}

/** Whether a due date is within a filter; the same as the API decides by the bounds. */
export function isDueWithin(filter, due, now) {
  if (filter === "") return true;
  if (due === null) return false;
  if (filter === "overdue") return isPast(due, now);
  const today = dayOf(now);
  const day = dueDay(due);
  return day >= today && day <= (filter === "today" ? today : addDays(today, 7));
}
