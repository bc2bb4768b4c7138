// Reads all comments of a sheet, resolved ones too, with their replies, as a CSV file.
import { createClient } from "@connectrpc/connect";
import { isTransient } from "../../../api/errors.ts";
import { transport } from "../../../api/transport.ts";
import { ChatService, type Message } from "../../../gen/gridloom/v1/chat_pb.ts";
import type { Comment } from "../../../gen/gridloom/v1/comments_pb.ts";
import { comments } from "../calls.ts";
import { defused, HEAD, MARK, record } from "./comment-csv.ts";

const PAGE_SIZE = 100;
/** Milliseconds before a refused call is made again, and how often it is made. */
const PAUSE_MILLIS = 1_000;
const ATTEMPTS = 6;
const chat = createClient(ChatService, transport);

/** Makes a call again after an error that may pass: many comments exceed the rate of calls. */
async function patiently<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (attempt >= ATTEMPTS || !isTransient(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MILLIS * attempt));
    }
  }
}

/** The messages of a comment, the first one first. */
async function messagesOf({ threadId, first, messages }: Comment): Promise<Message[]> {
  // Most comments have no reply.
  if (messages === 1n && first !== undefined) return [first];
  const all: Message[] = [];
  let pageToken = "";
  do {
    const request = { threadId, pageSize: PAGE_SIZE, pageToken };
    const page = await patiently(() => chat.listMessages(request));
    all.push(...page.messages);
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return all.reverse();
}

/** `onProgress` receives the number of comments that are read. */
export async function exportComments(
  sheetId: string,
  forSpreadsheets: boolean,
  onProgress: (comments: number) => void,
): Promise<Blob> {
  const lines = [forSpreadsheets ? MARK + HEAD : HEAD];
  const write = forSpreadsheets ? defused : String;
  let done = 0;
  let pageToken = "";
  do {
    const request = { sheetId, resolved: true, pageSize: PAGE_SIZE, pageToken };
    const page = await patiently(() => comments.listComments(request));
    for (const comment of page.comments) {
      for (const message of await messagesOf(comment))
        if (message.deletedMicros === 0n) lines.push(record(comment, message, write));
      onProgress(++done);
    }
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return new Blob([`${lines.join("\n")}\n`], { type: "text/csv;charset=utf-8" });
}
