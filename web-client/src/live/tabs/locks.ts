// Exclusive names for the tabs of one browser: Web Locks, which the browser releases when a tab is gone, or
// claims on plain http.
import { browserTabs, type Claim, Claims } from "./claims.ts";
import type { Shared } from "./stream-slots.ts";

let claims: Claims | undefined;

/** The claims of this page. Throws in a browser without storage. */
function ownClaims(): Claims {
  if (claims !== undefined) return claims;
  const made = new Claims(browserTabs());
  addEventListener("pagehide", (event) => {
    // A page in the back/forward cache may be shown again with its claims.
    if (!event.persisted) made.releaseAll();
  });
  claims = made;
  return made;
}

function lock(name: string): Promise<Claim | undefined> {
  return new Promise((held, failed) => {
    const request = navigator.locks.request(name, { ifAvailable: true }, (lock) => {
      if (lock === null) return held(undefined);
      return new Promise<void>((release) => held({ release }));
    });
    request.catch(failed);
  });
}

/**
 * Holds a name until it is released; undefined when another tab holds it. On plain http, another tab takes the
 * name over while this tab is frozen; `onLost` is called when it runs again.
 */
export function hold(name: string, ask: boolean, onLost: () => void): Promise<Claim | undefined> {
  return navigator.locks === undefined ? ownClaims().claim(name, ask, onLost) : lock(name);
}

/** True when all requests of this page share one connection (HTTP/2 and later). */
function multiplexed(): boolean {
  const [page] = performance.getEntriesByType("navigation");
  return page instanceof PerformanceNavigationTiming && /^h[23]/.test(page.nextHopProtocol);
}

/** The streams of sheets: four, and one of notices, leave a connection to other calls. */
const SHEETS = Array.from({ length: 4 }, (_, n) => `stream/${n}`);
const NOTICES = ["notices"];

/**
 * What tabs use to share a browser's few connections for the streams of sheets; undefined where sharing is unnecessary
 * or impossible.
 */
export function sharedStreams(): Shared | undefined {
  return sharing("gridloom-streams", SHEETS);
}

/** The same for the one stream of notices. */
export function sharedNotices(): Shared | undefined {
  return sharing("gridloom-notices", NOTICES);
}

function sharing(channel: string, names: readonly string[]): Shared | undefined {
  if (multiplexed()) return undefined;
  try {
    if (navigator.locks === undefined) ownClaims();
    return {
      names,
      channel: new BroadcastChannel(channel),
      // Losing a stream's name is harmless: for a while, the tabs hold one stream more.
      hold: (name, ask) => hold(name, ask, () => undefined),
    };
  } catch {
    return undefined;
  }
}
