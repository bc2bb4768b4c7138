// Leads to a cell by the ids of its row and column, wherever they are now, also on another sheet.
import type { Item } from "@glideapps/glide-data-grid";
import { useCallback, useEffect } from "react";
import { errorText } from "../../../api/errors.ts";
import { sheets } from "../../../api/transport.ts";
import { cellPath, readCell, sheetPath } from "../../../base/router.ts";
import { useStore } from "../../../base/store.ts";
import type { LiveSheet } from "../../../live/live-sheet.ts";
import { type CellId, colOf } from "../../../live/view/cell-id.ts";
import { showToast } from "../../../ui/toasts.ts";
import { leadTo } from "../../panes/lead/lead.ts";
import { usePaneQuery } from "./use-pane-query.ts";

/** Milliseconds in which the rows around the cell load, before its place is checked. */
const LOAD_MILLIS = 5_000;

/** A cell of this sheet, or of the sheet that it names. */
export type CellTarget = CellId & { sheetId?: string };

/** Resolves when a row is loaded, to its position in the view; after a while to undefined. */
function loaded(sheet: LiveSheet, rowId: bigint): Promise<number | undefined> {
  return new Promise((resolve) => {
    const check = () => {
      const row = sheet.rowOf(rowId);
      if (row !== undefined) done(row);
    };
    const done = (row: number | undefined) => {
      clearTimeout(timer);
      stop();
      resolve(row);
    };
    const timer = setTimeout(() => done(undefined), LOAD_MILLIS);
    const stop = sheet.version.subscribe(check);
    check();
  });
}

/** The row at the server; undefined when it is deleted. */
async function locate(sheetId: string, rowId: bigint): Promise<number | undefined> {
  const { rows } = await sheets.locateRows({ sheetId, rowIds: [rowId] });
  return rows[0]?.position;
}

async function lead(
  { id, sheet, goTo }: { id: string; sheet: LiveSheet; goTo: (cell: Item) => void },
  { rowId, columnId }: CellId,
): Promise<void> {
  const col = () => colOf(sheet.layout.get().columns, columnId);
  if (col() === undefined) return showToast("info", "The column of this cell was deleted.");
  let row = sheet.rowOf(rowId);
  const isLoaded = row !== undefined;
  try {
    row ??= await locate(id, rowId);
  } catch (error) {
    return showToast("error", errorText(error));
  }
  const now = col();
  if (row === undefined || now === undefined)
    return showToast("info", "The row of this cell was deleted.");
  goTo([now, row]);
  if (isLoaded) return undefined;
  // Own edits that the server has not, and those of others meanwhile, may have moved the row.
  const there = await loaded(sheet, rowId);
  const at = col();
  if (there !== undefined && at !== undefined && there !== row) goTo([at, there]);
  return undefined;
}

function withoutCell(search: string): string {
  const query = new URLSearchParams(search);
  query.delete("cell");
  return query.size === 0 ? "" : `?${query}`;
}

export function useOpenCell(
  id: string,
  sheet: LiveSheet,
  goTo: (cell: Item) => void,
): (cell: CellTarget) => void {
  const open = useCallback(
    ({ sheetId = id, ...cell }: CellTarget) => {
      if (sheetId === id) void lead({ id, sheet, goTo }, cell);
      else leadTo(cellPath({ sheetId, ...cell }));
    },
    [id, sheet, goTo],
  );
  const { search, isBeside, query, read } = usePaneQuery();
  const { known } = useStore(sheet.layout);
  const named = readCell(search);
  const key = named === undefined ? "" : `${named.rowId}.${named.columnId}`;
  useEffect(() => {
    const cell = readCell(read());
    // While the page goes from one sheet to another, the address is that of the next one.
    const isOwn = isBeside || location.pathname === sheetPath(id);
    if (key === "" || !known || !isOwn || cell === undefined) return;
    open(cell);
    // The next link to the same cell leads there again.
    if (isBeside) query.set(withoutCell(query.get()));
  }, [id, key, known, open, isBeside, query, read]);
  return open;
}
