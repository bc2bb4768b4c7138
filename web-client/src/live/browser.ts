// The browser's clock, random numbers, network state and page events, for the parts of an open sheet.
import type { Environment } from "./connection/interfaces.ts";

/** A hidden page has no animation frames: a timer of this length replaces them. */
const HIDDEN_FRAME_MILLIS = 200;

function after(millis: number, then: () => void): () => void {
  const timer = setTimeout(then, millis);
  return () => clearTimeout(timer);
}

/** Runs `then` at intervals; returns a function that stops it. */
export function repeat(millis: number, then: () => void): () => void {
  const timer = setInterval(then, millis);
  return () => clearInterval(timer);
}

/** Runs `then` once, before the next animation frame. */
function nextFrame(then: () => void): void {
  if (document.hidden) setTimeout(then, HIDDEN_FRAME_MILLIS);
  else requestAnimationFrame(then);
}

/** Calls `back` when the network returns or the page is shown, `gone` when the network is lost. */
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

/** Calls back when the person hides or leaves the page: the last event that a browser guarantees. */
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
} satisfies Environment & Record<string, unknown>;
