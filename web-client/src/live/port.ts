// The network as `Connection` sees it: LiveService over grpc-web.
import { create, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { errorText, isNetworkError, isTransient } from "../api/errors.ts";
import { live, sheets } from "../api/transport.ts";
import {
  type ClientFrame,
  ClientFrameSchema,
  type Hello,
  type ServerFrame,
} from "../gen/gridloom/v1/live_pb.ts";
import { WaitFor } from "../gen/gridloom/v1/sheets_pb.ts";
import type { End, Port, Verdict } from "./link.ts";
import type { Answer, Step } from "./undo.ts";

/** Codes after which another attempt gives the same answer, and what they end. */
const FINAL = new Map<Code, End>([
  [Code.Unauthenticated, "signed-out"],
  [Code.PermissionDenied, "refused"],
  [Code.NotFound, "no-sheet"],
  [Code.InvalidArgument, "bad-link"],
  [Code.Unimplemented, "refused"],
]);

/** What an error of `Watch` means. */
function judge(error: unknown): Verdict {
  const text = error instanceof ConnectError ? errorText(error) : words(error);
  const end = isNetworkError(error) ? undefined : FINAL.get(ConnectError.from(error).code);
  return end === undefined ? { kind: "retry", text } : { kind: "final", end, text };
}

/** What an error of `Send` means: everything but a passing failure is for the next session to tell. */
function judgeSend(error: unknown): Verdict {
  const { code } = ConnectError.from(error);
  const passing = isNetworkError(error) || code === Code.Unavailable || code === Code.Unknown;
  return { kind: passing ? "retry" : "lost", text: errorText(error) };
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : errorText(error);
}

async function* watch(hello: Hello, signal: AbortSignal): AsyncIterable<ServerFrame> {
  for await (const answer of live.watch({ hello }, { signal }))
    if (answer.frame !== undefined) yield answer.frame;
}

/** Takes the caller's last change back, or the last undo. */
export async function takeBack(sheetId: string, step: Step, requestId: string): Promise<Answer> {
  const change =
    step === "undo" ? { case: "undo" as const, value: {} } : { case: "redo" as const, value: {} };
  try {
    await sheets.applyEdits({ sheetId, requestId, change, waitFor: WaitFor.ACCEPTED });
    return { kind: "done" };
  } catch (error) {
    return { kind: isTransient(error) ? "retry" : "refused", text: errorText(error) };
  }
}

export const port: Port<Hello, ServerFrame, ClientFrame> = {
  watch,
  judge,
  judgeSend,
  async send(sessionId, firstFrame, frames, signal) {
    const answer = await live.send({ sessionId, firstFrame, frames: [...frames] }, { signal });
    return answer.received;
  },
  size: (frame) => toBinary(ClientFrameSchema, frame).length,
  ping: (nonce) => create(ClientFrameSchema, { frame: { case: "ping", value: { nonce } } }),
};
