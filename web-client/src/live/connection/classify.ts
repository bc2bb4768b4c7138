// What the errors of a live session mean for its connection: try again, open a new session, or end.
//
// What it is not: the calls themselves (see port.ts). Invariant: only an error that names the sheet's id
// says that the link is wrong.
import { Code, ConnectError } from "@connectrpc/connect";
import { errorText, isNetworkError } from "../../api/errors.ts";
import { reasonOf } from "../../api/reasons.ts";
import type { End, Verdict } from "./link.ts";

/** Codes after which another attempt gives the same answer, and what they end. */
const FINAL = new Map<Code, End>([
  [Code.Unauthenticated, "signed-out"],
  [Code.PermissionDenied, "refused"],
  [Code.NotFound, "no-sheet"],
  [Code.Unimplemented, "refused"],
]);

/** The field that holds the page's address as the server reads it. */
const SHEET_FIELD = "hello.sheet_id";
const MISUNDERSTOOD = "The server did not understand this page. Reload the page.";

/** What an error of `Watch` means. */
export function judge(error: unknown): Verdict {
  const text = error instanceof ConnectError ? errorText(error) : words(error);
  if (isNetworkError(error)) return { kind: "retry", text };
  const { code } = ConnectError.from(error);
  if (code === Code.InvalidArgument) return judgeArgument(error, text);
  const end = FINAL.get(code);
  return end === undefined ? { kind: "retry", text } : { kind: "final", end, text };
}

/** The rest of the greeting comes from the engine: a person can do nothing about its fields. */
function judgeArgument(error: unknown, text: string): Verdict {
  if (reasonOf(error).violation?.field === SHEET_FIELD)
    return { kind: "final", end: "bad-link", text };
  return { kind: "final", end: "refused", text: MISUNDERSTOOD };
}

/** What an error of `Send` means: everything but a passing failure is for the next session to tell. */
export function judgeSend(error: unknown): Verdict {
  const { code } = ConnectError.from(error);
  const passing = isNetworkError(error) || code === Code.Unavailable || code === Code.Unknown;
  return { kind: passing ? "retry" : "lost", text: errorText(error) };
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : errorText(error);
}
