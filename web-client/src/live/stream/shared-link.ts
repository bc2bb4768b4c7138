// The link of this page to the worker that all tabs share: one for its sheets and its notices. A browser without shared
// workers has a worker for the notices of each page: it keeps the connection by calls, so that the server notices a browser
// that is gone, and its timers run as usual while the page is hidden.
import { session } from "../../api/session.ts";
import { newId } from "../../base/ids.ts";
import { browser } from "../browser.ts";
import { WorkerLink, type WorkerPort } from "./worker-link.ts";

let link: WorkerLink | undefined;

/** The link of this page; undefined in a browser without shared workers. */
export function sharedLink(): WorkerLink | undefined {
  if (typeof SharedWorker === "undefined") return undefined;
  link ??= makeLink(connectShared);
  return link;
}

/** The link to a worker of this page alone. */
export function ownLink(): WorkerLink {
  return makeLink(connectOwn);
}

type Connect = (onFailure: () => void) => WorkerPort;

function makeLink(connect: Connect): WorkerLink {
  const made = new WorkerLink({
    connect,
    now: browser.now,
    after: browser.after,
    lock: ownLock(),
  });
  addEventListener("pagehide", () => made.leave());
  let last = session.get();
  session.subscribe(() => {
    const next = session.get();
    if (last !== null && next?.accountId === last.accountId && next.token !== last.token)
      made.renewed(last.token, next.token);
    last = next;
  });
  return made;
}

const connectOwn: Connect = (onFailure) => {
  const worker = new Worker(new URL("./stream-worker.ts", import.meta.url), { type: "module" });
  worker.onerror = onFailure;
  return Object.assign(worker, { close: () => worker.terminate() });
};

const connectShared: Connect = (onFailure) => {
  const worker = new SharedWorker(new URL("./stream-worker.ts", import.meta.url), {
    type: "module",
    name: "gridloom-stream",
  });
  worker.onerror = onFailure;
  return worker.port;
};

/** A lock that the browser releases when the page is closed or crashes, so that the worker notices it at once. */
function ownLock(): Promise<string> | undefined {
  if (navigator.locks === undefined) return undefined;
  const name = `gridloom-tab/${newId()}`;
  return new Promise((held) => {
    const request = navigator.locks.request(name, () => {
      held(name);
      return new Promise<void>(() => undefined);
    });
    // Without the lock the worker asks.
    request.catch(() => undefined);
  });
}
