// The focus of dialogs and menus: it moves inside before the next key, and returns when they close.
//
// Invariant: an element that already has the focus when a dialog or a menu closes keeps it, except the button that opened
// it.
import { createContext, type RefObject, useContext, useEffect, useState } from "react";

/**
 * The element that receives the focus when a dialog or a menu below this context closes; null: the element that had
 * the focus when it opened.
 */
export const FocusHome = createContext<RefObject<HTMLElement | null> | null>(null);

/** Marks a dialog or a menu: it uses the keyboard while it is open. */
export const COVER = { "data-cover": "" };

/** True while a dialog or a menu is open. */
export function isCovered(): boolean {
  return document.querySelector("[data-cover]") !== null;
}

/** True for an event inside a dialog or a menu. */
export function isInCover({ target }: Event): boolean {
  return target instanceof Element && target.closest("[data-cover]") !== null;
}

/** Moves the focus into a dialog or a menu: to its first field, or to the whole. A callback for its `ref`. */
export function focusFirst(overlay: HTMLElement | null): void {
  const field = overlay?.querySelector<HTMLInputElement>("input[data-first]");
  // Without a field, focusing the whole keeps the first button from looking selected.
  (field ?? overlay)?.focus({ preventScroll: true });
  field?.select();
}

/** The element to which the focus has returned, until it loses it. */
let returnedTo: Element | undefined;

function returnTo(element: HTMLElement): void {
  returnedTo = element;
  element.addEventListener("blur", () => (returnedTo = undefined), { once: true });
  element.focus({ preventScroll: true });
}

/** True for an element that has the focus because a dialog or a menu was closed. */
export function hasReturned({ target }: Event): boolean {
  return returnedTo !== undefined && returnedTo === target;
}

/** The element that had the focus when a dialog or a menu opened, and the origin of the one that was open then. */
interface Origin {
  element: Element | null;
  outer: Origin | undefined;
}

let current: Origin | undefined;

/** The element of an origin; where that is gone with a dialog that this one replaced, the element before it. */
function elementOf(origin: Origin | undefined): Element | null {
  if (origin === undefined) return null;
  const { element, outer } = origin;
  const isGone = element === document.body || element?.isConnected !== true;
  return isGone ? elementOf(outer) : element;
}

/**
 * Where the focus goes when a dialog or a menu closes: to the home, to its button `owner`, or to where it was. Undefined:
 * it stays at `now`.
 */
export function placeOfReturn(
  now: Element | null,
  home: Element | null | undefined,
  owner: Element | null | undefined,
  origin: Origin,
): Element | null | undefined {
  // The menu of a button takes the focus a frame after it has opened. One that is closed before leaves it at the button.
  const isFree = now === null || now === document.body || now === owner;
  return isFree ? (home ?? owner ?? elementOf(origin)) : undefined;
}

/** Returns the focus when the component is removed: to the home, to `owner`, or to where it was. */
export function useFocusReturn(owner?: RefObject<HTMLElement | null>): void {
  const home = useContext(FocusHome);
  const [origin] = useState<Origin>(() => ({ element: document.activeElement, outer: current }));
  useEffect(() => {
    current = origin;
    return () => {
      if (current === origin) current = origin.outer;
      const to = placeOfReturn(document.activeElement, home?.current, owner?.current, origin);
      if (to instanceof HTMLElement) returnTo(to);
    };
  }, [home, owner, origin]);
}
