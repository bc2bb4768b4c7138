// The addresses of conversations.
import type { Target } from "./target.ts";

export const MESSAGES = "/messages";
/** In place of the kind of a conversation: all texts that are not sent. */
export const NOT_SENT = "not-sent";
export const NOT_SENT_PATH = `${MESSAGES}/${NOT_SENT}`;

export function pathOf(target: Target): string {
  switch (target.kind) {
    case "sheet":
      return `${MESSAGES}/sheet/${encodeURIComponent(target.sheetId)}`;
    case "person":
      return `${MESSAGES}/person/${encodeURIComponent(target.personId)}`;
    case "thread":
      return `${MESSAGES}/thread/${encodeURIComponent(target.threadId)}`;
  }
}

/** The conversation of an address; undefined where it names none. */
export function targetFrom(kind: string | undefined, id: string | undefined): Target | undefined {
  if (id === undefined || id === "") return undefined;
  if (kind === "sheet") return { kind, sheetId: id };
  if (kind === "person") return { kind, personId: id };
  return kind === "thread" ? { kind, threadId: id, sheetId: "" } : undefined;
}
