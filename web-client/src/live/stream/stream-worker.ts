// The worker that all tabs of a browser share: it holds their stream. In a browser without shared workers each page has
// one of its own. The file's name has a hash of its content, so tabs of two versions of the page have two workers.
import { call } from "./grpc-web.ts";
import { Hub, IDLE_MILLIS } from "./hub.ts";
import type { TabPort } from "./member.ts";
import type { ToWorker } from "./messages.ts";

/** The parts of the two global scopes that the types of a page lack; that of a worker of one page is its port. */
interface Scope extends Port {
  onconnect?: ((event: MessageEvent) => void) | null;
}

interface Port extends TabPort {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
}

const scope = globalThis as unknown as Scope;
const isShared = scope.onconnect !== undefined;

const hub = new Hub({
  // Another page may wait for the place of a page's own connection.
  idleMillis: isShared ? IDLE_MILLIS : 0,
  now: () => Date.now(),
  after: (millis, then) => {
    const timer = setTimeout(then, millis);
    return () => clearTimeout(timer);
  },
  call,
  released: async (lock) => await navigator.locks.request(lock, () => undefined),
});

function serve(port: Port): void {
  const receive = hub.connect(port);
  port.onmessage = ({ data }) => receive(data);
}

if (isShared)
  scope.onconnect = ({ ports: [port] }) => {
    if (port !== undefined) serve(port);
  };
else serve(scope);
