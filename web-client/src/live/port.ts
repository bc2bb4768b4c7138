// The network as `Connection` sees it: LiveService over grpc-web.
//
// What it is not: the meaning of its errors (see judge.ts).
import { create, toBinary } from "@bufbuild/protobuf";
import { errorText, isTransient } from "../api/errors.ts";
import { live, sheets } from "../api/transport.ts";
import {
  type ClientFrame,
  ClientFrameSchema,
  type Hello,
  type ServerFrame,
} from "../gen/gridloom/v1/live_pb.ts";
import { WaitFor } from "../gen/gridloom/v1/sheets_pb.ts";
import { judge, judgeSend } from "./judge.ts";
import type { Port } from "./link.ts";
import type { Answer, Step } from "./undo.ts";

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
