// Names that one tab of this browser holds at a time: by Web Locks where there are any, which the
// browser frees when a tab is gone; by claims on plain http.
import { browserTabs, type Claim, Claims } from "./claims.ts";
import type { Shared } from "./stream-slots.ts";

let claims: Claims | undefined;

/** The claims of this page; throws where the browser lets pages keep nothing. */
function ownClaims(): Claims {
  if (claims !== undefined) return claims;
  const made = new Claims(browserTabs());
  addEventListener("pagehide", (event) => {
    // A page that the browser keeps may be shown again, and goes on then.
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
 * Holds a name until it is released; undefined when another tab holds it. On plain http another tab
 * takes it when this one is frozen: `onLost` is called once it runs again.
 */
export function hold(name: string, ask: boolean, onLost: () => void): Promise<Claim | undefined> {
  return navigator.locks === undefined ? ownClaims().claim(name, ask, onLost) : lock(name);
}

/** Whether all requests of this page share one connection. */
function multiplexed(): boolean {
  const [page] = performance.getEntriesByType("navigation");
  return page instanceof PerformanceNavigationTiming && /^h[23]/.test(page.nextHopProtocol);
}

/** How tabs share the few connections that a browser opens; undefined where they need not, or can't. */
export function sharedStreams(): Shared | undefined {
  if (multiplexed()) return undefined;
  try {
    const channel = new BroadcastChannel("gridloom-streams");
    if (navigator.locks === undefined) ownClaims();
    // Nothing is lost with a stream's name: a tab that takes it opens a fifth stream.
    return { hold: (name, ask) => hold(name, ask, () => undefined), channel };
  } catch {
    return undefined;
  }
}
