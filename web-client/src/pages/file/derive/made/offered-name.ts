// The name that is offered for a file that is made of a table.
import { withEnding } from "../../transfer/saved.ts";

const ENDINGS = /\.(csv|tsv|txt|jsonl|ndjson|json|parquet|xlsx)$/i;
/** The most characters of the end of a name, so that a long one leaves room for the table's. */
const END_LONGEST = 60;
/** The most characters of both. */
const BOTH_LONGEST = 180;

/** The table's name, and behind it what is made. */
export function offeredName(table: string, end: string): string {
  const stem = table.replace(ENDINGS, "").trim() || "Rows";
  const room = BOTH_LONGEST - Math.min(end.length, END_LONGEST);
  const short = [...stem].slice(0, room).join("");
  return withEnding(`${short} ${[...end].slice(0, END_LONGEST).join("")}`.trim(), "parquet");
}
