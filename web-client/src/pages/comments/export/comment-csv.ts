// Comments as CSV: a record for each message that is not deleted. `gridctl export --comments` writes the same columns.
import { columnLetters } from "../../../cells/column-names.ts";
import type { Message } from "../../../gen/gridloom/v1/chat_pb.ts";
import type { Comment } from "../../../gen/gridloom/v1/comments_pb.ts";

export const HEAD = "cell,row_id,column_id,state,number,author,sent,text";

type Anchor = Pick<Comment, "row" | "column" | "rowId" | "columnId" | "resolvedMicros">;
type Content = Pick<Message, "number" | "authorName" | "sentMicros" | "text">;

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

/** A message of a comment as a record. */
export function record(comment: Anchor, message: Content): string {
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
  return fields.map(quoted).join(",");
}
