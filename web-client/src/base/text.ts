// Counts, times and names as text.

const COUNT = new Intl.NumberFormat();
const RELATIVE = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "short" });
const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];
/** Seconds after which a date replaces the relative time. */
const RECENT_SECONDS = 7 * 86_400;

export function count(n: number): string {
  return COUNT.format(n);
}

/** "1 row", "2 rows". */
export function plural(n: number, one: string): string {
  return `${COUNT.format(n)} ${n === 1 ? one : `${one}s`}`;
}

/** "3 min. ago", or a date after a week. */
export function ago(then: number, now: number): string {
  const seconds = Math.round((now - then) / 1000);
  if (seconds >= RECENT_SECONDS) return DAY.format(then);
  const unit = UNITS.find(([, size]) => seconds >= size);
  return unit === undefined ? "just now" : RELATIVE.format(-Math.floor(seconds / unit[1]), unit[0]);
}

/** A day: "3 May 2026", in the form of the person's language. */
export function day(millis: number): string {
  return DAY.format(millis);
}

/** "30 minutes", "1 hour"; only whole hours are named so. */
export function span(seconds: number): string {
  const minutes = Math.max(1, Math.round(seconds / 60));
  return minutes % 60 === 0 ? plural(minutes / 60, "hour") : plural(minutes, "minute");
}

/** The name of the sheet that a file is imported into. */
export function nameFromFile(file: string): string {
  const name = file.replace(/\.(csv|tsv|txt)$/i, "").trim();
  return (name === "" ? "Imported sheet" : name).slice(0, 200);
}

/** The initials of the first and the last name: "AL" for "Ada Lovelace". */
export function initials(name: string): string {
  const words = name.split(/[\s._-]+/u).filter((word) => word !== "");
  const named = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  const letters = named.map((word = "") => [...word][0] ?? "");
  return letters.join("").toLocaleUpperCase() || "?";
}
