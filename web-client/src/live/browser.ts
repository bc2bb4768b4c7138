// The browser's clock, chance and network, as the connection sees them.
import type { World } from "./connection/link.ts";

/** A hidden page gets no animation frames; it is told after this long instead. */
const HIDDEN_FRAME_MILLIS = 200;

function after(millis: number, then: () => void): () => void {
  const timer = setTimeout(then, millis);
  return () => clearTimeout(timer);
}

/** Runs once, before the next frame is drawn. */
function nextFrame(then: () => void): void {
  if (document.hidden) setTimeout(then, HIDDEN_FRAME_MILLIS);
  else requestAnimationFrame(then);
}

/** Tells when the network comes and goes, until it is called off. */
function onNetwork(back: () => void, gone: () => void): () => void {
  const shown = () => {
    if (!document.hidden) back();
  };
  addEventListener("online", back);
  addEventListener("offline", gone);
  document.addEventListener("visibilitychange", shown);
  return () => {
    removeEventListener("online", back);
    removeEventListener("offline", gone);
    document.removeEventListener("visibilitychange", shown);
  };
}

function onVisibility(then: () => void): () => void {
  document.addEventListener("visibilitychange", then);
  return () => document.removeEventListener("visibilitychange", then);
}

/** Tells when the page is hidden or left: the last moment at which it surely still runs. */
function onLeaving(then: () => void): () => void {
  const hidden = () => {
    if (document.hidden) then();
  };
  addEventListener("pagehide", then);
  document.addEventListener("visibilitychange", hidden);
  return () => {
    removeEventListener("pagehide", then);
    document.removeEventListener("visibilitychange", hidden);
  };
}

export const browser = {
  now: () => Date.now(),
  random: Math.random,
  after,
  isOnline: () => navigator.onLine,
  isHidden: () => document.hidden,
  onVisibility,
  nextFrame,
  onNetwork,
  onLeaving,
} satisfies World & Record<string, unknown>;
