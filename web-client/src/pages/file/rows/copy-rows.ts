// Copies cells of a table: as tab-separated text, and as the table that a sheet pastes exactly.
import type { Area } from "../../../cells/area.ts";
import type { TableColumn } from "../../../gen/gridloom/v1/tables_pb.ts";
import { ColumnKind } from "../../../gen/gridloom/v1/values_pb.ts";
import { type Clip, copiedText, makeClip } from "../../../grid/clipboard/clip.ts";
import { Texts } from "../../../live/engine/texts.ts";
import type { Cells, LoadRows } from "./load/row-windows.ts";

/** Cells that may be copied at once. */
const CELLS_MOST = 500_000;
/** Rows of one call, as many as the server takes. */
const ROWS_MOST = 1_000;

/** Whether an area is small enough to be copied. */
export function isCopyable({ height, width }: Area): boolean {
  return height * width <= CELLS_MOST;
}

/** The clipboard's forms of cells; `col` is the number of their first column. */
export function clipOf(cells: Cells, columns: readonly TableColumn[], col: number): Clip {
  const width = cells[0]?.length ?? 0;
  const forms = Array.from({ length: width }, (_, x) =>
    columns[col + x]?.kind === ColumnKind.NUMBER ? Texts.of(ColumnKind.NUMBER) : undefined,
  );
  const texts = cells.map((row) => row.map((value, x) => copiedText(value, forms[x])));
  for (const form of forms) form?.free();
  return makeClip(cells, texts);
}

/** Loads all cells of an area, some rows at a time. */
export async function loadArea(load: LoadRows, area: Area, signal: AbortSignal): Promise<Cells> {
  const cols = { start: area.col, count: area.width };
  const cells: Cells[number][] = [];
  while (cells.length < area.height) {
    const count = Math.min(ROWS_MOST, area.height - cells.length);
    const { cells: some } = await load({ start: area.row + cells.length, count }, cols, signal);
    signal.throwIfAborted();
    if (some.length === 0) throw new Error("The server has sent no row");
    cells.push(...some.slice(0, count));
  }
  return cells;
}
