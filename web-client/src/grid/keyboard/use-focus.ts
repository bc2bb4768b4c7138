// Keeps the keyboard on the sheet: each part of the grid that gets the focus passes it on to the cell's
// text field, and a key press without a focused element goes there.
//
// The grid draws its cursor as having the focus only while its canvas has it, so it is told that the
// canvas has it as long as the text field does.
import { type RefObject, useEffect } from "react";

function isFree(element: Element | null): boolean {
  return element === null || element === document.body || element === document.documentElement;
}

/** Whether something is open over the sheet that has the keyboard. */
function isCovered(): boolean {
  return document.querySelector("dialog[open], .menu, .header-edit") !== null;
}

export function useFocus(
  area: RefObject<HTMLElement | null>,
  field: RefObject<HTMLTextAreaElement | null>,
): void {
  useEffect(() => {
    const home = area.current;
    if (home === null) return;
    const focus = () => field.current?.focus({ preventScroll: true });
    const canvas = () => {
      const found = home.querySelector("canvas");
      // The grid calls this a frame after a click, when somebody may be typing already: a field that
      // loses the focus for a moment would end what is typed, or an input method in it.
      if (found !== null) found.focus = focus;
      return found;
    };
    const tell = (type: "focusin" | "focusout") =>
      canvas()?.dispatchEvent(new FocusEvent(type, { bubbles: true }));

    const onFocusIn = (event: FocusEvent) => {
      if (event.target === field.current) tell("focusin");
      else if (document.activeElement !== field.current && inGrid(event.target)) focus();
    };
    const onMouseDown = (event: MouseEvent) => {
      canvas();
      const { target, offsetX, offsetY } = event;
      if (!(target instanceof HTMLElement) || target.closest("input, textarea, button")) return;
      // A scrollbar is dragged by the browser.
      if (offsetX >= target.clientWidth || offsetY >= target.clientHeight) return;
      event.preventDefault();
      focus();
    };
    const onFocusOut = (event: FocusEvent) => {
      if (event.target === field.current) {
        if (!home.contains(event.relatedTarget as Node | null)) tell("focusout");
      } else if (event.relatedTarget === field.current) event.stopPropagation();
    };
    const inGrid = (target: EventTarget | null) =>
      target instanceof Element && target.closest(".header-edit") === null;
    // A key press while nothing has the focus: the field gets it, and with it what the key types.
    const onKeyDown = (event: KeyboardEvent) => {
      if (!isFree(document.activeElement) || isCovered() || event.key === "?") return;
      focus();
      if (document.activeElement !== field.current) return;
      event.stopImmediatePropagation();
      if (!field.current?.dispatchEvent(new KeyboardEvent("keydown", event)))
        event.preventDefault();
    };
    // A button beside the sheet has done what it does: the keyboard goes back.
    const onClick = () =>
      requestAnimationFrame(() => {
        const now = document.activeElement;
        const button = now?.closest(".bar button, .foot button");
        const marks = getSelection()?.isCollapsed === false;
        if ((isFree(now) || button) && !marks && !isCovered()) focus();
      });
    home.addEventListener("focusin", onFocusIn);
    home.addEventListener("focusout", onFocusOut);
    home.addEventListener("mousedown", onMouseDown);
    addEventListener("keydown", onKeyDown, true);
    addEventListener("click", onClick);
    return () => {
      home.removeEventListener("focusin", onFocusIn);
      home.removeEventListener("focusout", onFocusOut);
      home.removeEventListener("mousedown", onMouseDown);
      removeEventListener("keydown", onKeyDown, true);
      removeEventListener("click", onClick);
    };
  }, [area, field]);
}
