// Classifies the errors of a live session: retry, open a new session, or stop.
//
// What it is not: the calls themselves (see port.ts).
// Invariant: only an error that names the sheet's id is reported as a wrong link.
import { Code, ConnectError } from "@connectrpc/connect";
import { errorText, isNetworkError } from "../../api/errors.ts";
import { reasonOf } from "../../api/reasons.ts";
import type { End, ErrorClass } from "./interfaces.ts";

/** Codes that another attempt does not change, and the end that each one means. */
const FINAL = new Map<Code, End>([
  [Code.Unauthenticated, "signed-out"],
  [Code.PermissionDenied, "refused"],
  [Code.NotFound, "no-sheet"],
  [Code.Unimplemented, "refused"],
]);

/** The field of the `Hello` with the sheet's id, which comes from the page's address. */
const SHEET_FIELD = "hello.sheet_id";
const MISUNDERSTOOD = "The server did not understand this page. Reload the page.";

/** The name of the engine's error for a frame that this release can't read. */
const MALFORMED = "MalformedFrame";
const OUTDATED =
  "The server sends what this page can't read: Gridloom was updated. Reload the page.";

/** Classifies an error of `Watch`. */
export function classify(error: unknown): ErrorClass {
  if (error instanceof Error && error.name === MALFORMED)
    return { kind: "final", end: "outdated", text: OUTDATED };
  const text = error instanceof ConnectError ? errorText(error) : ownText(error);
  if (isNetworkError(error)) return { kind: "retry", text };
  const { code } = ConnectError.from(error);
  if (code === Code.InvalidArgument) return classifyArgument(error, text);
  const end = FINAL.get(code);
  return end === undefined ? { kind: "retry", text } : { kind: "final", end, text };
}

/** The engine fills the other fields of the `Hello`: a person can't correct those. */
function classifyArgument(error: unknown, text: string): ErrorClass {
  if (reasonOf(error).violation?.field === SHEET_FIELD)
    return { kind: "final", end: "bad-link", text };
  return { kind: "final", end: "refused", text: MISUNDERSTOOD };
}

/** Classifies an error of `Send`: any error but a transient one, or a rate, needs a new session. */
export function classifySend(error: unknown): ErrorClass {
  const { code } = ConnectError.from(error);
  const unreachable = isNetworkError(error) || code === Code.Unavailable || code === Code.Unknown;
  const transient = unreachable || reasonOf(error).name === "RATE_LIMITED";
  return { kind: transient ? "retry" : "lost", text: errorText(error) };
}

/** The text of an error that the connection itself has made. */
function ownText(error: unknown): string {
  return error instanceof Error ? error.message : errorText(error);
}
