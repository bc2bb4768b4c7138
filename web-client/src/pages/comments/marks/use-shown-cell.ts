// The cell whose comments the card shows: the marked one under the mouse, or the marked one of the cursor.
import type { Item } from "@glideapps/glide-data-grid";
import { useEffect, useState } from "react";
import { useStore } from "../../../base/store.ts";
import type { CellMarks } from "../../../grid/GridView.tsx";
import type { LiveSheet } from "../../../live/live-sheet.ts";
import { cellIdOf } from "../../../live/view/cell-id.ts";
import type { Cell } from "../../../live/view/people.ts";

/** The mouse rests this long on a cell before its card opens, and may leave it as long before the card closes. */
const REST_MILLIS = 250;

interface Shown {
  cell: Cell;
  rowId: bigint;
  columnId: string;
  /** The mouse is on the card: it stays. */
  hold: () => void;
  release: () => void;
  /** Closes the card until another cell is under the mouse or the cursor. */
  dismiss: () => void;
}

/** The cell under the mouse, once it rests there. */
function useRest(marks: CellMarks, held: boolean): Item | undefined {
  const hovered = useStore(marks.hovered);
  const [rested, setRested] = useState<Item>();
  useEffect(() => {
    if (held) return undefined;
    const timer = setTimeout(() => setRested(hovered), REST_MILLIS);
    return () => clearTimeout(timer);
  }, [hovered, held]);
  return rested;
}

export function useShownCell(
  sheet: LiveSheet,
  marks: CellMarks,
  cursor: Item | undefined,
): Shown | undefined {
  const corners = useStore(marks.corners);
  const [held, setHeld] = useState(false);
  const [dismissed, setDismissed] = useState("");
  const rested = useRest(marks, held);
  const marked = (at: Item | undefined) => {
    if (at === undefined || at[0] < 0 || at[1] < 0) return undefined;
    const cell = { row: at[1], col: at[0] };
    const ids = cellIdOf(sheet, cell);
    return ids && corners.get(ids.columnId)?.has(ids.rowId) ? { cell, ...ids } : undefined;
  };
  const shown = marked(rested) ?? marked(cursor);
  const key = shown === undefined ? "" : `${shown.rowId}.${shown.columnId}`;
  useEffect(() => {
    // Another cell: its card is shown again when the mouse or the cursor comes back.
    setDismissed((old) => (old === key ? old : ""));
    setHeld(false);
  }, [key]);
  if (shown === undefined || dismissed === key) return undefined;
  return {
    ...shown,
    hold: () => setHeld(true),
    release: () => setHeld(false),
    dismiss: () => setDismissed(key),
  };
}
