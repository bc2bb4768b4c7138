// Connects the mouse to the press that it begins, and ends the editing of a cell before any click.
import type { DataEditorRef } from "@glideapps/glide-data-grid";
import { type RefObject, useEffect } from "react";
import type { Press } from "./press.ts";

export function usePress(
  area: RefObject<HTMLElement | null>,
  grid: RefObject<DataEditorRef | null>,
  press: Press,
  commit: () => void,
): void {
  useEffect(() => {
    const element = area.current;
    if (element === null) return;
    const down = (event: PointerEvent) => {
      if (event.target instanceof HTMLTextAreaElement) return;
      commit();
      if (grid.current !== null) press.begin(grid.current, event.clientX, event.clientY);
    };
    element.addEventListener("pointerdown", down, true);
    return () => {
      element.removeEventListener("pointerdown", down, true);
      press.end();
    };
  }, [area, grid, press, commit]);
}
