// Chooses the network of the live sessions of this page: one stream for all tabs in a worker where the browser has
// shared workers, also on plain http; else a stream for each tab, of which four are open at a time.
import { newId } from "../../base/ids.ts";
import type { ClientFrame, Hello, ServerFrame } from "../../gen/gridloom/v1/live_pb.ts";
import { browser } from "../browser.ts";
import type { Gate, Port } from "../connection/interfaces.ts";
import { port } from "../connection/port.ts";
import { sharedStreams } from "../tabs/locks.ts";
import { StreamSlots } from "../tabs/stream-slots.ts";
import { sharedPort } from "./shared-port.ts";
import { WorkerLink, type WorkerPort } from "./worker-link.ts";

interface LiveNetwork {
  port: Port<Hello, ServerFrame, ClientFrame>;
  gate: Gate;
}

let shared: Port<Hello, ServerFrame, ClientFrame> | undefined;

/** The network of one sheet. `urgent`: the page has unsaved edits, or no content yet. */
export function liveNetwork(urgent: () => boolean): LiveNetwork {
  if (typeof SharedWorker === "undefined")
    return { port, gate: new StreamSlots(browser, sharedStreams(), urgent) };
  shared ??= sharedPort(link());
  return { port: shared, gate: { acquire: async () => PERMIT, close: () => undefined } };
}

/** All tabs hold a session at a time. */
const PERMIT = { release: () => undefined };

function link(): WorkerLink {
  const made = new WorkerLink({
    connect,
    now: browser.now,
    after: browser.after,
    lock: ownLock(),
  });
  addEventListener("pagehide", () => made.leave());
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
