// Error messages for people: the one place where the server's codes and reasons become sentences.
//
// Invariant: no message contains the name of a field, a method or a type of the protocol. A reason without a
// sentence here gets the sentence of its code.
import { Code, ConnectError } from "@connectrpc/connect";
import { plural, span } from "../base/text.ts";
import { reasonOf, type Violation } from "./reasons.ts";

/** True when no server has answered the request. */
export function isNetworkError(error: unknown): boolean {
  const e = ConnectError.from(error);
  // Browsers report a dropped connection as a TypeError, which Connect wraps.
  return e.cause instanceof TypeError;
}

/** The error of a call that is given up because the network is gone. */
export function networkGone(): ConnectError {
  return ConnectError.from(new TypeError("The network is gone."));
}

/** True when a repetition of the request may succeed. */
export function isTransient(error: unknown): boolean {
  if (isNetworkError(error)) return true;
  const { code } = ConnectError.from(error);
  return (
    code === Code.Unavailable ||
    code === Code.DeadlineExceeded ||
    code === Code.Aborted ||
    code === Code.ResourceExhausted ||
    code === Code.Internal ||
    code === Code.Unknown
  );
}

export function isCanceled(error: unknown): boolean {
  return ConnectError.from(error).code === Code.Canceled;
}

export function hasCode(error: unknown, code: Code): boolean {
  return ConnectError.from(error).code === code;
}

const UNREACHABLE = "The server can't be reached. Check the connection and try again.";
const BUSY = "The server is busy. Try again in a moment.";
const STARTING = "The server is starting or restarting. Try again in a moment.";

/** Sentences by the server's own reasons. */
const BY_REASON: Readonly<Record<string, string>> = {
  SHEET_NOT_FOUND: "This sheet doesn't exist, or you don't have access to it.",
  TOKEN_MISSING: "Your session has ended. Sign in again.",
  TOKEN_INVALID: "Your session has ended. Sign in again.",
  BAD_CREDENTIALS: "The e-mail address or the password is wrong.",
  EMAIL_UNCONFIRMED:
    "Confirm your e-mail address first. This server sends no mail: ask its operator for the link.",
  EMAIL_TAKEN: "There is an account with this e-mail address. Sign in instead.",
  READ_ONLY: "You can view this sheet but not change it.",
  ROLE_TOO_LOW: "Your role doesn't allow this. Ask the owner.",
  ACCESS_ENDED: "Your access to this sheet has ended. Ask its owner.",
  LINK_ENDED: "This link has ended. Ask the person who sent it for another one.",
  GUEST: "This needs an account. Sign up or sign in first.",
  SHARES_EXCEEDED: "This sheet is shared with as many people as possible. Remove some first.",
  LINK_FULL: "This link was opened by as many accounts as possible. Ask for another one.",
  LINKS_EXCEEDED: "This sheet has as many links as possible. End some first.",
  COMMENTS_EXCEEDED: "This sheet has as many comments as possible.",
  NOT_OPENED: "This person has not opened the sheet yet. Give it to them when they have.",
  OWNER_STAYS: "You own this sheet. Give it to another person first, or delete it.",
  SIGN_UP_INVITED:
    "This server takes new accounts by invitation. Ask a person to share a sheet with you.",
  SIGN_UP_CLOSED: "This server takes new accounts by invitation of its operator.",
  ACCOUNT_DISABLED: "This account is disabled. Ask the server's operator.",
  OWNS_SHEETS: "You own sheets. Give them to another person first, or delete them.",
  RECIPIENT_FULL: "This person has no room for your sheets.",
  QUOTA_EXCEEDED: "There is no room for this. Delete something first.",
  ETAG_MISMATCH: "Someone else renamed this sheet in the meantime. Try again.",
  NOTHING_TO_UNDO: "Nothing to undo.",
  NOTHING_TO_REDO: "Nothing to redo.",
  NOTHING_TO_RESTORE: "The sheet is already as it was in this version.",
  HISTORY_UNREADABLE: "A part of this sheet's history is damaged.",
  COMPACTED: "This version is no longer in the sheet's history.",
  TOO_FAR_BEHIND: "Too much has changed since you made this edit. Make it again.",
  TOO_MANY_CELLS: "This version differs in too many cells to be restored at once.",
  ANSWER_TOO_LARGE: "This is too much to load at once.",
  TOO_SLOW: "This takes too long. Try a smaller part.",
  BUSY,
  RATE_LIMITED: "Too much at once. Wait a moment and try again.",
  UNAVAILABLE: STARTING,
  STARTING,
  DRAINING: STARTING,
  NOT_COMMITTED_YET: "Your change is safe, but it will take a while until everyone sees it.",
  JOURNAL_FULL: "The server has no room for new edits right now. Try again in a moment.",
  TOO_MANY_SESSIONS: "Too many people have this sheet open. Try again later.",
  SLOW_READER: "The connection was too slow to follow this sheet.",
  HISTORIES_DIFFER: "This sheet is locked until the server's operator has repaired it.",
  FOREIGN_CLIENT: "These edits belong to another account. Reload the page.",
  TOO_EARLY: "Too much was sent while this sheet was opening. Reload the page.",
  SESSION_REPLACED: "This sheet was opened again in another window.",
  IMPORT_GAP: "Part of the file was lost on the way. Start the import again.",
  IMPORT_LOST: "The import was interrupted, and no sheet was made. Start it again.",
  NOT_FOUND: "This no longer exists, or you don't have access to it.",
  INTERNAL: "Something went wrong on the server. Try again.",
};

/** Sentences by code, for errors of proxies and for reasons that this page does not know. */
const BY_CODE: Readonly<Partial<Record<Code, string>>> = {
  [Code.Unauthenticated]: "Your session has ended. Sign in again.",
  [Code.PermissionDenied]: "You don't have access to this.",
  [Code.NotFound]: "This no longer exists, or you don't have access to it.",
  [Code.Unavailable]: STARTING,
  [Code.ResourceExhausted]: BUSY,
  [Code.DeadlineExceeded]: "The server took too long to answer. Try again.",
  [Code.Aborted]: "Someone else changed this in the meantime. Try again.",
  [Code.Unimplemented]: "This page is newer or older than the server. Reload it.",
};

/** The names of the fields in forms, by the last part of the field's path. */
const NOUNS: Readonly<Record<string, string>> = {
  name: "The name",
  display_name: "Your name",
  email: "The e-mail address",
  password: "The password",
  new_password: "The password",
  old_password: "This",
  role: "The role",
  token: "This link",
  invitation: "The invitation",
  text: "The message",
};

function violated({ field, rule }: Violation): string {
  const last = field.split(".").at(-1) ?? "";
  if (last === "sheet_id") return "This link isn't valid.";
  return sentence(`${NOUNS[last] ?? "This"} ${rule}`);
}

/** Adds a capital letter at the start and a full stop at the end. */
function sentence(text: string): string {
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}

/** The message of an error that is about one field of a form; undefined for other errors. */
export function fieldError(error: unknown, field: string): string | undefined {
  if (error === null || isNetworkError(error)) return undefined;
  const { violation } = reasonOf(error);
  return violation?.field.split(".").at(-1) === field ? violated(violation) : undefined;
}

/** What one has too much of, by the server's name for it. */
const TOO_MANY: Readonly<Record<string, string>> = {
  invitations: "You have sent as many invitations as the server takes for now.",
  "invitations from one network":
    "Your network has sent as many invitations as the server takes for now.",
  "new addresses to share with":
    "You have shared with as many new addresses as the server takes for now.",
};

function tooMany(facts: ReadonlyMap<string, string>): string {
  const seconds = Number(facts.get("seconds") ?? 60);
  const what = TOO_MANY[facts.get("what") ?? ""] ?? "Too many attempts.";
  return `${what} Wait ${span(seconds)} and try again.`;
}

/** What was done before a refusal, as the beginning of its message. */
export function doneBefore(error: unknown): string {
  const given = Number(reasonOf(error).facts.get("given") ?? 0);
  return given === 0
    ? ""
    : `${plural(given, "sheet")} ${given === 1 ? "is" : "are"} given already. `;
}

/** An error as a message for a person. */
export function errorText(error: unknown): string {
  if (isNetworkError(error)) return UNREACHABLE;
  const { name, facts, violation } = reasonOf(error);
  if (violation !== undefined) return violated(violation);
  if (name === "TOO_MANY_ATTEMPTS") return tooMany(facts);
  const known = BY_REASON[name] ?? BY_CODE[ConnectError.from(error).code];
  return known ?? "Something went wrong. Try again.";
}

/**
 * The server's message on a refused edit, without the field path at its start. The engine passes on only the
 * text of the error, so there is no reason to map.
 */
export function refusalText(message: string): string {
  const path = /^[a-z_]+(?:\.[a-z_]+|\[\d+\])*: /i.exec(message)?.[0] ?? "";
  return sentence(message.slice(path.length));
}
