// The worker that all tabs of a browser share: it holds their stream. The file's name has a hash of its content, so
// tabs of two versions of the page have two workers.
import { call } from "./grpc-web.ts";
import { Hub } from "./hub.ts";
import type { ToWorker } from "./messages.ts";

const hub = new Hub({
  now: () => Date.now(),
  after: (millis, then) => {
    const timer = setTimeout(then, millis);
    return () => clearTimeout(timer);
  },
  call,
  released: async (lock) => await navigator.locks.request(lock, () => undefined),
});

/** The part of the worker's global scope that the types of a page lack. */
interface Scope {
  onconnect: (event: MessageEvent) => void;
}

(globalThis as unknown as Scope).onconnect = ({ ports: [port] }) => {
  if (port === undefined) return;
  const receive = hub.connect(port);
  port.onmessage = ({ data }: MessageEvent<ToWorker>) => receive(data);
};
