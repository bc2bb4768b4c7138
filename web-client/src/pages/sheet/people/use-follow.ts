// Connects following a person to the grid: it scrolls, and what one does in the grid ends it.
import type { DataEditorRef } from "@glideapps/glide-data-grid";
import { type RefObject, useEffect, useState } from "react";
import type { LiveSheet } from "../../../live/live-sheet.ts";
import { showToast } from "../../../ui/toasts.ts";
import { Follow } from "./follow.ts";

/** Pixels between the followed cell and the edges of the grid. */
const MARGIN = 64;
const ENDS = ["wheel", "touchmove", "pointerdown", "keydown"] as const;
const MODIFIERS = new Set(["Shift", "Control", "Alt", "Meta"]);

export function useFollow(
  sheet: LiveSheet,
  grid: RefObject<DataEditorRef | null>,
  area: RefObject<HTMLElement | null>,
): Follow {
  const [follow] = useState(
    () =>
      new Follow(
        sheet,
        ({ row, col }) => grid.current?.scrollTo(col, row, "both", MARGIN, MARGIN),
        (name) => showToast("info", `${name} has left the sheet, so you no longer follow.`),
      ),
  );
  useEffect(() => follow.start(), [follow]);
  useEffect(() => {
    const element = area.current;
    const end = (event: Event) => {
      if (event instanceof KeyboardEvent && MODIFIERS.has(event.key)) return;
      follow.stop();
    };
    for (const type of ENDS) element?.addEventListener(type, end, { capture: true, passive: true });
    return () => {
      for (const type of ENDS) element?.removeEventListener(type, end, { capture: true });
    };
  }, [area, follow]);
  return follow;
}
