// Comments as CSV: a record for each message that is not deleted. `gridctl export --comments` writes the same columns.
import { columnLetters } from "../../../cells/column-names.ts";
import type { Message } from "../../../gen/gridloom/v1/chat_pb.ts";
import type { Comment } from "../../../gen/gridloom/v1/comments_pb.ts";

export const HEAD = "cell,row_id,column_id,state,number,author,sent,text";

type Anchor = Pick<Comment, "row" | "column" | "rowId" | "columnId" | "resolvedMicros">;
type Content = Pick<Message, "number" | "authorName" | "sentMicros" | "text">;

/** The mark of UTF-8 with which a file for spreadsheets begins. */
export const MARK = "\ufeff";

// The rules of formulas are those of `defused` in the crate `values`, which the engine of the page has not.
const SIGNS = "=+-@＝＋－＠";
const SEPARATORS = ";,\t\r\n";
/** Quotes, white space, and what is invisible. */
const PASSED_OVER =
  /[\s"\p{Cc}\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]|\u034f|[\ufe00-\ufe0f]/u;

/** A text with an apostrophe before each formula that a spreadsheet would run. */
export function defused(text: string): string {
  const places = /^[\t\r\n]/.test(text) ? [0] : [];
  let at = 0;
  // Where a formula may begin, as long as only what is passed over has followed.
  let begin: number | undefined = 0;
  for (const mark of text) {
    if (SEPARATORS.includes(mark)) begin = at + 1;
    else if (SIGNS.includes(mark)) {
      if (begin !== undefined) places.push(begin);
      begin = undefined;
    } else if (!PASSED_OVER.test(mark)) begin = undefined;
    at += mark.length;
  }
  const before = (rest: string, place: number) => `${rest.slice(0, place)}'${rest.slice(place)}`;
  return places.toReversed().reduce(before, text);
}

function quoted(field: string): string {
  return /[",\n\r]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

/** A time in ISO 8601, without zeros at the end of the fraction. */
function timeText(micros: bigint): string {
  const seconds = new Date(Number(micros / 1_000n)).toISOString().slice(0, 19);
  const fraction = String(micros % 1_000_000n)
    .padStart(6, "0")
    .replace(/0+$/, "");
  return `${seconds}${fraction === "" ? "" : `.${fraction}`}Z`;
}

/** A message of a comment as a record. `write`: the text of a field. */
export function record(
  comment: Anchor,
  message: Content,
  write: (field: string) => string = String,
): string {
  const { row, column, rowId, columnId, resolvedMicros } = comment;
  const isThere = row !== undefined && column !== undefined;
  const open = resolvedMicros > 0n ? "resolved" : "open";
  const fields = [
    isThere ? `${columnLetters(column)}${row + 1}` : "",
    String(rowId),
    columnId,
    isThere ? open : "deleted",
    String(message.number),
    message.authorName,
    timeText(message.sentMicros),
    message.text,
  ];
  return fields.map((field) => quoted(write(field))).join(",");
}
