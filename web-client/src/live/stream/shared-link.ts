// The link of this page to the worker that all tabs share: one for its sheets and its notices.
import { session } from "../../api/session.ts";
import { newId } from "../../base/ids.ts";
import { browser } from "../browser.ts";
import { WorkerLink, type WorkerPort } from "./worker-link.ts";

let link: WorkerLink | undefined;

/** The link of this page; undefined in a browser without shared workers. */
export function sharedLink(): WorkerLink | undefined {
  if (typeof SharedWorker === "undefined") return undefined;
  link ??= makeLink();
  return link;
}

function makeLink(): WorkerLink {
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

function connect(onFailure: () => void): WorkerPort {
  const worker = new SharedWorker(new URL("./stream-worker.ts", import.meta.url), {
    type: "module",
    name: "gridloom-stream",
  });
  worker.onerror = onFailure;
  return worker.port;
}

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
