// What the list says about a thread.

import type { Target } from "../../api/target.ts";
import { type Thread, ThreadKind } from "../../gen/gridloom/v1/chat_pb.ts";
import { oneLine } from "../conversation/links/sheet-link.ts";

export function titleOf({ kind, personName, sheetName }: Thread): string {
  if (kind === ThreadKind.SHEET) return sheetName;
  return personName === "" ? "Deleted account" : personName;
}

export function targetOf({ id, kind, sheetId, personId }: Thread): Target {
  if (kind === ThreadKind.SHEET) return { kind: "sheet", sheetId };
  if (kind === ThreadKind.PERSONS && personId !== "") return { kind: "person", personId };
  return { kind: "thread", threadId: id, sheetId };
}

/** The last message in one line. `own`: the account of this page. */
export function lastText({ kind, lastMessage }: Thread, own: string): string {
  if (lastMessage === undefined) return "";
  const text = lastMessage.deletedMicros > 0n ? "Message deleted" : oneLine(lastMessage.text);
  if (lastMessage.authorId === own) return `You: ${text}`;
  return kind === ThreadKind.SHEET ? `${lastMessage.authorName}: ${text}` : text;
}
