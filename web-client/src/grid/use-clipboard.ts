// Copy, cut and paste on the grid. The grid's own handlers are off: they read cells that may not be
// loaded, and stop at the end of the sheet.
import { type RefObject, useEffect } from "react";
import type { LiveSheet } from "../live/live-sheet.ts";
import { showToast } from "../ui/toasts.ts";
import { formatClipboard, parseClipboard } from "./clipboard.ts";
import { clearAreas, paste } from "./edits.ts";
import { type Area, areas, NOTHING } from "./selection.ts";
import type { Selection } from "./use-selection.ts";
import { formatValue } from "./values.ts";

/** Cells that may be copied at once. */
const MOST_CELLS = 500_000;
/** How long a copy waits for rows that are not loaded. */
const LOAD_MILLIS = 15_000;

function selectedAreas(sheet: LiveSheet, selection: Selection): Area[] {
  const { rowCount, columns } = sheet.layout.get();
  return areas(selection.get(), rowCount, columns.length);
}

/** The text of an area, or undefined while a cell of it is not loaded. */
function readArea(sheet: LiveSheet, { row, col, height, width }: Area): string | undefined {
  const rows: string[][] = [];
  for (let y = row; y < row + height; y++) {
    const fields: string[] = [];
    for (let x = col; x < col + width; x++) {
      const value = sheet.cell(y, x);
      if (value === undefined) return undefined;
      fields.push(formatValue(value));
    }
    rows.push(fields);
  }
  return formatClipboard(rows);
}

function readAll(sheet: LiveSheet, all: readonly Area[]): string | undefined {
  const texts: string[] = [];
  for (const area of all) {
    const text = readArea(sheet, area);
    if (text === undefined) return undefined;
    texts.push(text);
  }
  return texts.join("\n");
}

/** Has the rows loaded, then reads them. */
async function loadAndRead(sheet: LiveSheet, all: readonly Area[]): Promise<string | undefined> {
  const first = Math.min(...all.map((area) => area.row));
  const last = Math.max(...all.map((area) => area.row + area.height));
  return sheet.whileSeeing({ start: first, count: last - first }, LOAD_MILLIS, () =>
    readAll(sheet, all),
  );
}

/** Copies; true when the cells were all loaded, so that the clipboard has them now. */
function copy(sheet: LiveSheet, all: readonly Area[], event: ClipboardEvent): boolean {
  event.preventDefault();
  const cells = all.reduce((sum, area) => sum + area.height * area.width, 0);
  if (cells === 0) return false;
  if (cells > MOST_CELLS) {
    showToast("error", "That is too much to copy at once. Export the sheet as CSV instead.");
    return false;
  }
  const text = readAll(sheet, all);
  if (text !== undefined) {
    event.clipboardData?.setData("text/plain", text);
    return true;
  }
  void loadAndRead(sheet, all)
    .then(async (loaded) => {
      if (loaded === undefined) throw new Error("the rows did not load in time");
      await navigator.clipboard.writeText(loaded);
      showToast("info", "Copied.");
    })
    .catch(() => showToast("error", "These rows could not be copied. Try again."));
  return false;
}

export function useClipboard(
  element: RefObject<HTMLElement | null>,
  sheet: LiveSheet,
  selection: Selection,
): void {
  useEffect(() => {
    const target = element.current;
    if (target === null) return;
    const editable = () => sheet.layout.get().canEdit;
    const onCopy = (event: ClipboardEvent) =>
      void copy(sheet, selectedAreas(sheet, selection), event);
    const onCut = (event: ClipboardEvent) => {
      const all = selectedAreas(sheet, selection);
      if (copy(sheet, all, event) && editable()) clearAreas(sheet, all);
    };
    const onPaste = (event: ClipboardEvent) => {
      event.preventDefault();
      const text = event.clipboardData?.getData("text/plain") ?? "";
      if (editable()) pasteText(sheet, selection, text);
    };
    target.addEventListener("copy", onCopy);
    target.addEventListener("cut", onCut);
    target.addEventListener("paste", onPaste);
    return () => {
      target.removeEventListener("copy", onCopy);
      target.removeEventListener("cut", onCut);
      target.removeEventListener("paste", onPaste);
    };
  }, [element, sheet, selection]);
}

/** Pastes at the selection and selects what was written. */
export function pasteText(sheet: LiveSheet, selection: Selection, text: string): void {
  const [at] = selectedAreas(sheet, selection);
  const { current } = selection.get();
  const area = at ?? {
    row: current?.cell[1] ?? 0,
    col: current?.cell[0] ?? 0,
    height: 1,
    width: 1,
  };
  const written = paste(sheet, area, parseClipboard(text));
  if (written === undefined) return;
  const range = { x: written.col, y: written.row, width: written.width, height: written.height };
  const cell = [written.col, written.row] as const;
  selection.set({ ...NOTHING, current: { cell, range, rangeStack: [] } });
}
