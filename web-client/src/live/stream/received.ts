// What the worker sends a tab for a session or for the notices, until its end. The end is the error that a call of its
// own would have.
import { fromBinary } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { isReplaced, tokenRefused } from "../../api/session.ts";
import { StatusSchema } from "../../gen/google/rpc/status_pb.ts";
import type { StreamEnd } from "./messages.ts";
import { type Inbox, lostError, type SessionMessage } from "./worker-link.ts";

type Received = Exclude<SessionMessage, { kind: "end" }>;

/** The messages under a token. Throws what ended them, or the reason of the signal. */
export async function* received(
  inbox: Inbox,
  token: string,
  signal: AbortSignal,
): AsyncIterable<Received> {
  const aborted = () => inbox.fail(signal.reason);
  signal.addEventListener("abort", aborted);
  try {
    for (;;) {
      const message = await inbox.next();
      if (message.kind === "end") return throwEnd(message.end, token);
      yield message;
    }
  } finally {
    signal.removeEventListener("abort", aborted);
  }
}

/** Throws the error of an end, if it has one. */
function throwEnd({ code, message, details, why }: StreamEnd, token: string): void {
  if (code === Code.Unauthenticated) {
    if (isReplaced(token)) throw lostError();
    tokenRefused(token);
  }
  if (why === "lost") throw lostError(message);
  if (why === "network")
    throw new ConnectError(message, Code.Unavailable, undefined, undefined, new TypeError(message));
  if (code === 0) return;
  const error = new ConnectError(message, code);
  for (const { typeUrl, value } of fromBinary(StatusSchema, details).details)
    error.details.push({ type: typeUrl.slice(typeUrl.lastIndexOf("/") + 1), value });
  throw error;
}
