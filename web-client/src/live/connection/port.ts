// The network of a connection: LiveService over grpc-web.
//
// What it is not: it does not classify its errors (see classify.ts).
import { create, toBinary } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { hasCode } from "../../api/errors.ts";
import { isReplaced, tokenNow } from "../../api/session.ts";
import { live } from "../../api/transport.ts";
import {
  type ClientFrame,
  ClientFrameSchema,
  type Hello,
  type ServerFrame,
} from "../../gen/gridloom/v1/live_pb.ts";
import { classify, classifySend } from "./classify.ts";
import type { Port } from "./interfaces.ts";

/** How often a session of `watch` sends a frame; the connection does so more often. */
const SILENCE_SECONDS = 30;

async function* watch(hello: Hello, signal: AbortSignal): AsyncIterable<ServerFrame> {
  const token = tokenNow();
  try {
    const promised = { ...hello, silenceSeconds: SILENCE_SECONDS };
    for await (const answer of live.watch({ hello: promised }, { signal }))
      if (answer.frame !== undefined) yield answer.frame;
  } catch (error) {
    throw refusesReplaced(error, token) ? new Error(LOST) : error;
  }
}

const LOST = "The connection was lost.";

/** Whether an error refuses a token that another one has replaced: the session continues under that. */
export function refusesReplaced(error: unknown, token: string): boolean {
  return hasCode(error, Code.Unauthenticated) && isReplaced(token);
}

export const port: Port<Hello, ServerFrame, ClientFrame> = {
  watch,
  promisesFrames: true,
  classify,
  classifySend,
  async send(sessionId, firstFrame, frames, signal) {
    const answer = await live.send({ sessionId, firstFrame, frames: [...frames] }, { signal });
    return answer.received;
  },
  size: (frame) => toBinary(ClientFrameSchema, frame).length,
  ping: (nonce) => create(ClientFrameSchema, { frame: { case: "ping", value: { nonce } } }),
  token: tokenNow,
  refresh: (token) => create(ClientFrameSchema, { frame: { case: "refresh", value: { token } } }),
};
