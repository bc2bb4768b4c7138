// Keeps the focus on the sheet: any part of the grid that receives the focus passes it to the cell's text
// field. A key press while no element has the focus goes there, too.
//
// The grid component draws a focused cursor only while its canvas has the focus. So it receives focus
// events for the canvas while the text field has the focus.
import { type RefObject, useEffect } from "react";
import { isCovered } from "../../ui/overlay/focus.ts";
import { isActive, usePane } from "../../ui/panes/pane.ts";

function isFree(element: Element | null): boolean {
  return element === null || element === document.body || element === document.documentElement;
}

/** True while a dialog, a menu or a name field over the sheet uses the keyboard. */
function isTaken(): boolean {
  return isCovered() || document.querySelector(".header-edit") !== null;
}

export function useFocus(
  area: RefObject<HTMLElement | null>,
  field: RefObject<HTMLTextAreaElement | null>,
): void {
  useGridFocus(area, field);
  usePageFocus(field);
}

/** Passes the focus of any part of the grid to the field. */
function useGridFocus(
  area: RefObject<HTMLElement | null>,
  field: RefObject<HTMLTextAreaElement | null>,
): void {
  useEffect(() => {
    const home = area.current;
    if (home === null) return;
    const focus = () => {
      // The grid also asks for the focus after a click that has opened a menu.
      if (!isCovered()) field.current?.focus({ preventScroll: true });
    };
    const canvas = () => {
      const found = home.querySelector("canvas");
      // The grid calls this one frame after a click. The person may be typing by then: losing the focus for
      // a moment would commit the text, or interrupt an input method.
      if (found !== null) found.focus = focus;
      return found;
    };
    const notifyGrid = (type: "focusin" | "focusout") =>
      canvas()?.dispatchEvent(new FocusEvent(type, { bubbles: true }));

    const onFocusIn = (event: FocusEvent) => {
      if (event.target === field.current) notifyGrid("focusin");
      else if (document.activeElement !== field.current && inGrid(event.target)) focus();
    };
    const onMouseDown = (event: MouseEvent) => {
      canvas();
      const { target, offsetX, offsetY } = event;
      if (!(target instanceof HTMLElement) || target.closest("input, textarea, button")) return;
      // The browser handles drags of a scrollbar.
      if (offsetX >= target.clientWidth || offsetY >= target.clientHeight) return;
      event.preventDefault();
      focus();
    };
    const onFocusOut = (event: FocusEvent) => {
      if (event.target === field.current) {
        if (!home.contains(event.relatedTarget as Node | null)) notifyGrid("focusout");
      } else if (event.relatedTarget === field.current) event.stopPropagation();
    };
    const inGrid = (target: EventTarget | null) =>
      target instanceof Element && target.closest(".header-edit") === null;
    home.addEventListener("focusin", onFocusIn);
    home.addEventListener("focusout", onFocusOut);
    home.addEventListener("mousedown", onMouseDown);
    return () => {
      home.removeEventListener("focusin", onFocusIn);
      home.removeEventListener("focusout", onFocusOut);
      home.removeEventListener("mousedown", onMouseDown);
    };
  }, [area, field]);
}

/** Returns the focus to the field from the rest of the page, while the pane of this sheet is active. */
function usePageFocus(field: RefObject<HTMLTextAreaElement | null>): void {
  const pane = usePane();
  useEffect(() => {
    const focus = () => field.current?.focus({ preventScroll: true });
    // A key press while no element has the focus: the field receives the focus and the key.
    const onKeyDown = (event: KeyboardEvent) => {
      if (!isActive(pane) || !isFree(document.activeElement) || isTaken()) return;
      if (event.key === "?") return;
      focus();
      if (document.activeElement !== field.current) return;
      event.stopImmediatePropagation();
      if (!field.current?.dispatchEvent(new KeyboardEvent("keydown", event)))
        event.preventDefault();
    };
    // After a click on a button beside the grid, the focus returns to the field.
    const onClick = () =>
      requestAnimationFrame(() => {
        const now = document.activeElement;
        const button = now?.closest(".bar button, .foot button");
        const marks = getSelection()?.isCollapsed === false;
        if ((isFree(now) || button) && !marks && !isTaken() && isActive(pane)) focus();
      });
    addEventListener("keydown", onKeyDown, true);
    addEventListener("click", onClick);
    return () => {
      removeEventListener("keydown", onKeyDown, true);
      removeEventListener("click", onClick);
    };
  }, [field, pane]);
}
