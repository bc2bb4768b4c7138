// Copy, cut and paste on the grid: the browser's clipboard events, and the parts that menus share.
//
// The grid component's own handlers are off: they read cells that may not be loaded, and they stop at the
// end of the sheet.
import { type RefObject, useEffect } from "react";
import type { Area } from "../../cells/area.ts";
import type { CellValue } from "../../cells/values.ts";
import { ColumnKind } from "../../gen/gridloom/v1/values_pb.ts";
import { losesZeros } from "../../live/engine/engine.ts";
import type { Hold } from "../../live/engine/hold.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { showToast } from "../../ui/toasts.ts";
import { clearAreas, paste } from "../edits/edits.ts";
import { notifyLoss, notifyZeros } from "../edits/loss-notice.ts";
import { readAll, whenLoaded } from "../edits/read-values.ts";
import { cellSelection } from "../selection/selection.ts";
import type { Selection } from "../selection/use-selection.ts";
import { selectedAreas } from "../selection/use-selection.ts";
import { type Clip, copiedText, makeClip, type Pasted, readClip } from "./clip.ts";
import { clearCopied } from "./cut.ts";
import { copyToSystem } from "./system-clipboard.ts";

const READ_ONLY = "You can view this sheet but not change it.";
const NOTHING_TO_PASTE = "There is no text on the clipboard to paste.";
/** Cells that may be copied at once. */
const MOST_CELLS = 500_000;

/** Joins blocks for one copy: side by side when they have the same rows, otherwise one below the other. */
function joined<T>(all: readonly Area[], blocks: readonly T[][][]): T[][] {
  const [first] = all;
  const sameRows = all.every((area) => area.row === first?.row && area.height === first.height);
  if (!sameRows) return blocks.flat();
  return (blocks[0] ?? []).map((_, y) => blocks.flatMap((block) => block[y] ?? []));
}

/** The clipboard's forms of the values of areas. */
function clipOf(sheet: LiveSheet, all: readonly Area[], blocks: readonly CellValue[][][]): Clip {
  const { columns } = sheet.layout.get();
  const texts = blocks.map((block, i) => {
    const first = all[i]?.col ?? 0;
    const isNumber = (x: number) => columns[first + x]?.kind === ColumnKind.NUMBER;
    const forms = (block[0] ?? []).map((_, x) =>
      isNumber(x) ? sheet.texts(first + x) : undefined,
    );
    const written = block.map((row) => row.map((value, x) => copiedText(value, forms[x])));
    for (const form of forms) form?.free();
    return written;
  });
  return makeClip(joined(all, blocks), joined(all, texts));
}

/** A copy in the clipboard's forms, and the values of each area. */
export interface Copied {
  clip: Clip;
  blocks: CellValue[][][];
}

/** Copies areas; undefined while one of their cells is not loaded. */
export function copied(sheet: LiveSheet, all: readonly Area[]): Copied | undefined {
  const blocks = readAll(sheet, all);
  return blocks && { clip: clipOf(sheet, all, blocks), blocks };
}

/** True when the areas are not too large to copy; otherwise a notice says why. */
export function canCopy(all: readonly Area[]): boolean {
  const cells = all.reduce((sum, area) => sum + area.height * area.width, 0);
  if (cells === 0) showToast("info", "There is nothing here to copy.");
  if (cells > MOST_CELLS)
    showToast("error", "That is too much to copy at once. Export the sheet as CSV instead.");
  return cells > 0 && cells <= MOST_CELLS;
}

/** Loads held areas one after the other; undefined when one of them does not load or is lost. */
async function loadCopied(sheet: LiveSheet, hold: Hold): Promise<Copied | undefined> {
  const all = hold.areas();
  const blocks: CellValue[][][] = [];
  for (const i of all.keys()) {
    const read = (values: CellValue[][]) => values;
    const values = await whenLoaded(sheet, hold, () => hold.areas()[i], read);
    if (values === undefined) return undefined;
    blocks.push(values);
  }
  const now = hold.areas().filter((area) => area !== undefined);
  return { clip: clipOf(sheet, now, blocks), blocks };
}

/**
 * Copies areas when the clipboard or the cells are not available at once. The notice `failed` appears when
 * the clipboard refuses the copy. Returns true when the whole copy or cut is done.
 */
export async function copyWaiting(
  sheet: LiveSheet,
  all: readonly Area[],
  cut: boolean,
  failed: string,
): Promise<boolean> {
  const hold = sheet.hold(all);
  try {
    const taken = copied(sheet, all) ?? (await loadCopied(sheet, hold));
    const done = taken !== undefined && (await copyToSystem(taken.clip));
    if (hold.loss() !== undefined) notifyLoss(sheet, hold);
    else if (taken === undefined) showToast("error", "These cells did not load. Try again.");
    else if (!done) showToast("error", failed);
    else return !cut || (await clearCopied(sheet, hold, taken.blocks));
    return false;
  } finally {
    hold.release();
  }
}

/** Copies cells that are not loaded yet: loads them first. */
async function copyLater(sheet: LiveSheet, all: readonly Area[], cut: boolean): Promise<void> {
  if (await copyWaiting(sheet, all, cut, "These rows could not be copied. Try again."))
    showToast("info", cut ? "Cut." : "Copied.");
}

function copy(sheet: LiveSheet, selection: Selection, event: ClipboardEvent, cut: boolean): void {
  event.preventDefault();
  const all = selectedAreas(sheet, selection);
  if (!canCopy(all)) return;
  const taken = copied(sheet, all);
  if (taken === undefined || event.clipboardData === null) return void copyLater(sheet, all, cut);
  event.clipboardData.setData("text/plain", taken.clip.text);
  event.clipboardData.setData("text/html", taken.clip.html);
  if (cut) clearAreas(sheet, all);
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
    const onCopy = (event: ClipboardEvent) => copy(sheet, selection, event, false);
    const onCut = (event: ClipboardEvent) => copy(sheet, selection, event, editable());
    const onPaste = (event: ClipboardEvent) => {
      event.preventDefault();
      const get = (type: string) => event.clipboardData?.getData(type) ?? "";
      const clip = { text: get("text/plain"), html: get("text/html") };
      pasteClip(sheet, selection, pasteArea(sheet, selection), clip);
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

/** The target of a paste: the selected area, or the cursor's cell, which may be below the last row. */
export function pasteArea(sheet: LiveSheet, selection: Selection): Area {
  const [at] = selectedAreas(sheet, selection);
  const [col, row] = selection.cursor();
  return at ?? { row, col, height: 1, width: 1 };
}

function parseHtml(html: string): Document {
  return new DOMParser().parseFromString(html, "text/html");
}

function write(sheet: LiveSheet, at: Area, { kind, rows }: Pasted): Area | undefined {
  return kind === "values"
    ? paste<CellValue>(sheet, at, rows, (value) => value ?? null)
    : pasteTexts(sheet, at, rows);
}

/** Pastes texts, and says when numbers have lost zeros, as codes do. */
function pasteTexts(sheet: LiveSheet, at: Area, rows: string[][]): Area | undefined {
  let lost: string | undefined;
  const written = paste<string>(sheet, at, rows, (field = "", texts) => {
    const value = texts.pasted(field);
    if (lost === undefined && losesZeros(field, value)) lost = field;
    return value;
  });
  if (written !== undefined && lost !== undefined) notifyZeros(lost);
  return written;
}

/** Pastes into an area and selects the written cells; shows a notice when there is nothing to paste. */
export function pasteClip(sheet: LiveSheet, selection: Selection, at: Area, clip: Clip): void {
  const pasted = readClip(clip, parseHtml);
  if (!sheet.layout.get().canEdit || pasted === undefined) {
    const why = pasted === undefined ? NOTHING_TO_PASTE : READ_ONLY;
    showToast("info", why);
    return;
  }
  const written = write(sheet, at, pasted);
  if (written === undefined) return;
  const { row, col, height, width } = written;
  const range = { x: col, y: row, width, height };
  selection.set({
    ...cellSelection([col, row]),
    current: { cell: [col, row], range, rangeStack: [] },
  });
}
