// A notice in words, and the address of what it is about.

import { pathOf } from "../../api/message-paths.ts";
import { filePath } from "../../base/file-path.ts";
import { commentPath, sheetChatPath, sheetPath } from "../../base/router.ts";
import { type Message, ThreadKind } from "../../gen/gridloom/v1/chat_pb.ts";
import {
  type EndedJob,
  type Notice,
  NoticeKind,
  type ThreadPlace,
} from "../../gen/gridloom/v1/notices_pb.ts";
import { oneLine } from "../conversation/links/sheet-link.ts";
import { roleName } from "../shared/roles.ts";

/** The page of jobs. */
const JOBS_PATH = "/jobs";
/** Characters of a message that are shown. */
const EXCERPT_LONGEST = 200;

export interface NoticeView {
  /** A sentence without a full stop. */
  text: string;
  /** The beginning of the message. */
  excerpt?: string | undefined;
  /** The address within this application; undefined when nothing is left to go to. */
  to?: string | undefined;
}

/** "Plan" in quotation marks; what is deleted has no name. */
function quoted(name: string, noun: "sheet" | "file"): string {
  return name === "" ? `a ${noun}` : `“${name}”`;
}

interface Subject {
  name: string;
  to: string;
}

/** What was shared: a file, or else a sheet. */
function subjectOf({ fileId, fileName, sheetId, sheetName }: Notice): Subject {
  return fileId === ""
    ? { name: quoted(sheetName, "sheet"), to: sheetPath(sheetId) }
    : { name: quoted(fileName, "file"), to: filePath(fileId) };
}

function named(name: string): string {
  return name === "" ? "A deleted account" : name;
}

export function noticeView(notice: Notice): NoticeView {
  const { kind, actorName, sheetName, role, message, place, job } = notice;
  const subject = subjectOf(notice);
  const [actor, sheet] = [named(actorName), quoted(sheetName, "sheet")];
  // A role that has ended is 0.
  const as = role === 0 ? undefined : roleName(role).toLowerCase();
  const about = { excerpt: excerptOf(message), to: threadPath(place, notice.actorId) };
  switch (kind) {
    case NoticeKind.MENTION:
      if (place?.kind === ThreadKind.PERSONS) return { text: `${actor} mentioned you`, ...about };
      return { text: `${actor} mentioned you in ${sheet}`, ...about };
    case NoticeKind.COMMENT:
      return { text: `${actor} replied to a comment in ${sheet}`, ...about };
    case NoticeKind.SHARE: {
      const text = `${actor} shared ${subject.name} with you`;
      return { text: as === undefined ? text : `${text}, as ${as}`, to: subject.to };
    }
    case NoticeKind.ROLE:
      if (as === undefined) return { text: `Your access to ${subject.name} has ended` };
      return { text: `Your role in ${subject.name} is ${as} now`, to: subject.to };
    case NoticeKind.JOB: {
      const name = job === undefined || job.name === "" ? "A job" : `“${job.name}”`;
      const text = job?.succeeded === true ? `${name} is done` : `${name} has failed`;
      return { text, to: jobPath(job) };
    }
    default:
      // Of a later version.
      return { text: "Something happened that this page does not know. Reload it" };
  }
}

/** What a job has made, or else the list of jobs; a letter that was not sent is in no list. */
function jobPath(job: EndedJob | undefined): string | undefined {
  if (job === undefined) return undefined;
  if (job.madeFileId !== "") return filePath(job.madeFileId);
  if (job.sheetId !== "") return sheetPath(job.sheetId);
  return job.isListed ? JOBS_PATH : undefined;
}

/** The beginning of a message in one line. */
export function excerptOf(message: Message | undefined): string | undefined {
  if (message === undefined) return undefined;
  if (message.deletedMicros !== 0n) return "Message deleted";
  const line = oneLine(message.text);
  const letters = [...line];
  return letters.length > EXCERPT_LONGEST ? `${letters.slice(0, EXCERPT_LONGEST).join("")}…` : line;
}

/** Where a thread is shown; `personId`: the other one of two persons. */
export function threadPath(place: ThreadPlace | undefined, personId: string): string | undefined {
  if (place?.kind === ThreadKind.COMMENT) return commentPath(place.sheetId, place.threadId);
  if (place?.kind === ThreadKind.SHEET) return sheetChatPath(place.sheetId);
  if (place?.kind !== ThreadKind.PERSONS) return undefined;
  if (personId !== "") return pathOf({ kind: "person", personId });
  return pathOf({ kind: "thread", threadId: place.threadId, sheetId: "" });
}
