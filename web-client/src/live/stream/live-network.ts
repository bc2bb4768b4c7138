// Chooses the network of the live sessions of this page: one stream for all tabs in a worker where the browser has
// shared workers, also on plain http; else a stream for each tab, of which four are open at a time.
import type { ClientFrame, Hello, ServerFrame } from "../../gen/gridloom/v1/live_pb.ts";
import { browser } from "../browser.ts";
import type { Gate, Port } from "../connection/interfaces.ts";
import { port } from "../connection/port.ts";
import { sharedStreams } from "../tabs/locks.ts";
import { StreamSlots } from "../tabs/stream-slots.ts";
import { sharedLink } from "./shared-link.ts";
import { sharedPort } from "./shared-port.ts";

interface LiveNetwork {
  port: Port<Hello, ServerFrame, ClientFrame>;
  gate: Gate;
}

let shared: Port<Hello, ServerFrame, ClientFrame> | undefined;

/** The network of one sheet. `urgent`: the page has unsaved edits, or no content yet. */
export function liveNetwork(urgent: () => boolean): LiveNetwork {
  const link = sharedLink();
  if (link === undefined) return { port, gate: new StreamSlots(browser, sharedStreams(), urgent) };
  shared ??= sharedPort(link);
  return { port: shared, gate: { acquire: async () => PERMIT, close: () => undefined } };
}

/** All tabs hold a session at a time. */
const PERMIT = { release: () => undefined };
