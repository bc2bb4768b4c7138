// The network of a connection over the stream of all tabs. Calls go from the tab itself: they are short, and the one
// stream leaves five of a browser's six connections to them.
//
// Invariant: a session that was attached, or may have been, is closed in the worker, which detaches it.
import { fromBinary } from "@bufbuild/protobuf";
import { reasonOf } from "../../api/reasons.ts";
import { tokenNow } from "../../api/session.ts";
import { live } from "../../api/transport.ts";
import {
  type ClientFrame,
  type Hello,
  type ServerFrame,
  ServerFrameSchema,
} from "../../gen/gridloom/v1/live_pb.ts";
import type { Port } from "../connection/interfaces.ts";
import { port, refusesReplaced } from "../connection/port.ts";
import { received } from "./received.ts";
import { type Inbox, lostError, type WorkerLink } from "./worker-link.ts";

/** How long the server may take to attach a session: it may have to read the sheet first. */
const ATTACH_MILLIS = 40_000;

export function sharedPort(link: WorkerLink): Port<Hello, ServerFrame, ClientFrame> {
  return {
    ...port,
    // Without a worker each tab has a stream of its own.
    watch: (hello, signal) =>
      (link.failed ? port : { watch: watchOver(link) }).watch(hello, signal),
  };
}

function watchOver(link: WorkerLink) {
  return async function* watch(hello: Hello, signal: AbortSignal): AsyncIterable<ServerFrame> {
    signal.throwIfAborted();
    const token = tokenNow();
    const { key, inbox } = link.open(token);
    let attached = Promise.resolve();
    try {
      for await (const message of received(inbox, token, signal))
        if (message.kind === "frame") {
          yield fromBinary(ServerFrameSchema, message.bytes);
          link.read(key, message.bytes.length);
        } else attached = attach(message.connectionId, message.session, hello, inbox, token);
    } finally {
      // Not before its answer: a session that is attached after it was detached would stay.
      void attached.then(() => link.close(key));
    }
  };
}

/** Never rejects: the inbox receives the error. */
async function attach(
  connectionId: string,
  session: number,
  hello: Hello,
  inbox: Inbox,
  token: string,
) {
  try {
    await live.attach({ connectionId, session, hello }, { timeoutMs: ATTACH_MILLIS });
  } catch (error) {
    const gone = reasonOf(error).name === "CONNECTION_NOT_FOUND" || refusesReplaced(error, token);
    inbox.fail(gone ? lostError() : error);
  }
}
