// Notices on the desktop, while no page of Gridloom is in view in this browser. Off until the person switches them on.
//
// Invariants: the browser asks for the permission only when the person switches them on. Of all pages, one shows a
// notice, once.
import { readItem, writeItem } from "../../base/storage.ts";
import { Store } from "../../base/store.ts";

const KEY = "gridloom.desktop-notices";
/** Each page in view holds it, shared; the browser releases it with the page. */
const SHOWN_LOCK = "gridloom-page-in-view";
/** How long the page that shows a notice holds the name of it. */
const HELD_MILLIS = 10_000;

/** off: not switched on. blocked: the browser's own settings forbid it. none: the browser can't. */
export type DesktopState = "off" | "on" | "blocked" | "none";

function stateNow(): DesktopState {
  // Pages on plain http may show nothing and have no locks.
  if (typeof Notification === "undefined" || navigator.locks === undefined) return "none";
  if (Notification.permission === "denied") return "blocked";
  const isOn = readItem(KEY) === "on" && Notification.permission === "granted";
  return isOn ? "on" : "off";
}

export const desktopState = new Store<DesktopState>(stateNow());

export function refreshDesktopState(): void {
  desktopState.set(stateNow());
}

/** Switches them on or off; asks the browser for its permission. */
export async function switchDesktop(on: boolean): Promise<void> {
  if (on) await Notification.requestPermission();
  writeItem(KEY, on ? "on" : null);
  refreshDesktopState();
}

/** Holds the lock of pages in view, while this page is. */
export function holdWhileInView(): void {
  const { locks } = navigator;
  if (locks === undefined) return;
  let release: (() => void) | undefined;
  const follow = () => {
    release?.();
    release = undefined;
    if (document.hidden) return;
    const held = new Promise<void>((resolve) => (release = resolve));
    locks.request(SHOWN_LOCK, { mode: "shared" }, () => held).catch(() => undefined);
  };
  document.addEventListener("visibilitychange", follow);
  follow();
}

/** Shows a text on the desktop, unless a page is in view or another page shows it. */
export async function showOnDesktop(
  name: string,
  text: string,
  onClick: () => void,
): Promise<void> {
  if (stateNow() !== "on") return;
  const { locks } = navigator;
  const { held = [] } = await locks.query();
  if (held.some((lock) => lock.name === SHOWN_LOCK)) return;
  const tag = `gridloom-notice/${name}`;
  await locks.request(tag, { ifAvailable: true }, async (lock) => {
    if (lock === null || !show(tag, text, onClick)) return;
    // The other pages receive the same event at about this time.
    await new Promise((resolve) => setTimeout(resolve, HELD_MILLIS));
  });
}

/** False in browsers where only service workers may show notices. */
function show(tag: string, text: string, onClick: () => void): boolean {
  try {
    const shown = new Notification("Gridloom", { body: text, tag, icon: "/favicon.svg" });
    shown.onclick = () => {
      window.focus();
      onClick();
      shown.close();
    };
    return true;
  } catch {
    writeItem(KEY, null);
    desktopState.set("none");
    return false;
  }
}
