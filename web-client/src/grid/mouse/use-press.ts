// Connects the mouse to the press that it begins, and ends the editing of a cell before any click.
import type { DataEditorRef } from "@glideapps/glide-data-grid";
import { type RefObject, useEffect } from "react";
import type { Press } from "./press.ts";

export function usePress(
  area: RefObject<HTMLElement | null>,
  grid: RefObject<DataEditorRef | null>,
  press: Press,
  commit: () => boolean,
): void {
  useEffect(() => {
    const element = area.current;
    if (element === null) return;
    const down = (event: PointerEvent) => {
      const { target } = event;
      if (target instanceof Element && target.closest("textarea, .entry-aid") !== null) return;
      if (!commit()) {
        // The editor stays open, so the press selects nothing.
        event.stopPropagation();
        return;
      }
      if (grid.current !== null) press.begin(grid.current, event.clientX, event.clientY);
    };
    element.addEventListener("pointerdown", down, true);
    return () => {
      element.removeEventListener("pointerdown", down, true);
      press.end();
    };
  }, [area, grid, press, commit]);
}
