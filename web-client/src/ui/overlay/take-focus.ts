// Takes the focus when the element that had it was replaced.
import { type RefObject, useEffect } from "react";

/** Focuses the first button of an element when it appears, unless another element has the focus. */
export function useTakeFocus(home: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const now = document.activeElement;
    if (now === null || now === document.body)
      home.current?.querySelector("button")?.focus({ preventScroll: true });
  }, [home]);
}
