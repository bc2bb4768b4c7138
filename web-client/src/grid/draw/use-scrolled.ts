// How far a sheet was scrolled when its grid was removed: a page that returns to the open sheet shows the same cells.
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { LiveSheet } from "../../live/live-sheet.ts";

const scrolled = new WeakMap<LiveSheet, { scrollOffsetX: number; scrollOffsetY: number }>();

/** The properties of the grid for where it begins. */
export function useScrolled(sheet: LiveSheet, area: RefObject<HTMLElement | null>) {
  const [start] = useState(() => scrolled.get(sheet));
  const element = useRef<HTMLElement>(null);
  useEffect(() => {
    element.current = area.current;
  }, [area]);
  // Before the elements are removed, which forget it then.
  useLayoutEffect(
    () => () => {
      const scroller = element.current?.querySelector(".dvn-scroller");
      if (!scroller) return;
      const { scrollLeft, scrollTop } = scroller;
      scrolled.set(sheet, { scrollOffsetX: scrollLeft, scrollOffsetY: scrollTop });
    },
    [sheet],
  );
  return start;
}
