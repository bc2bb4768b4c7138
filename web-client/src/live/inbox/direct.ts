// The stream of notices as a call of its own: for browsers without shared workers.
//
// Invariant: a stream that is silent for longer than the pause between two answers ends.
import { type Client, Code, ConnectError } from "@connectrpc/connect";
import type { NoticeService } from "../../gen/gridloom/v1/notices_pb.ts";
import type { Environment } from "../connection/interfaces.ts";
import type { NoticeSource } from "./feed.ts";

/** The server answers every 25 seconds at the latest. */
export const SILENT_MILLIS = 60_000;

type Clock = Pick<Environment, "after">;
type Watch = Client<typeof NoticeService>["watch"];

export function directSource(environment: Clock, watch: Watch): NoticeSource {
  return {
    isRefused: isUnauthenticated,
    open(from, signal) {
      const request = from === undefined ? {} : { after: from };
      return untilSilent(environment, signal, (signal) => watch(request, { signal }));
    },
  };
}

/** The answers of a stream until it ends or is silent for too long. */
export async function* untilSilent<T>(
  { after }: Clock,
  signal: AbortSignal,
  open: (signal: AbortSignal) => AsyncIterable<T>,
): AsyncGenerator<T, void> {
  const silent = new AbortController();
  const listen = () =>
    after(SILENT_MILLIS, () => silent.abort(new Error("The server does not answer.")));
  let cancel = listen();
  try {
    for await (const answer of open(AbortSignal.any([signal, silent.signal]))) {
      cancel();
      cancel = listen();
      yield answer;
    }
  } finally {
    cancel();
  }
}

export function isUnauthenticated(error: unknown): boolean {
  return ConnectError.from(error).code === Code.Unauthenticated;
}
