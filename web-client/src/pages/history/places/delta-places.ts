// Where the delta of a change took place.
//
// Not the texts of it: see place-text.ts. Rows and columns that are deleted or taken away have their positions before
// the change; all others have those after it.
import type { Area, Lines } from "../../../cells/area.ts";
import type { CellBlock, ColumnEdit, Delta, Run } from "../../../gen/gridloom/v1/values_pb.ts";

export interface Move {
  from: Lines;
  to: number;
}

export interface AxisPlaces {
  inserted: readonly Lines[];
  deleted: readonly Lines[];
  moved: readonly Move[];
}

export interface Places {
  rows: AxisPlaces;
  cols: AxisPlaces;
  /** The smallest rectangle around all cells of the change. */
  cells: Area | undefined;
  /** True when the change empties each of its cells. */
  isClearing: boolean;
  columns: readonly ColumnEdit[];
  /** The steps over the columns, from which columns-before.ts finds the columns of older changes. */
  runs: readonly Run[];
}

/** The number of lines by the slot that takes them away. A block may be dropped before its old place. */
export function liftedCounts(runs: readonly Run[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const { run } of runs) if (run.case === "lift") counts.set(run.value.slot, run.value.count);
  return counts;
}

export function axisPlaces(runs: readonly Run[]): AxisPlaces {
  const inserted: Lines[] = [];
  const deleted: Lines[] = [];
  const from = new Map<number, Lines>();
  const to = new Map<number, number>();
  const counts = liftedCounts(runs);
  let before = 0;
  let after = 0;
  for (const { run } of runs)
    switch (run.case) {
      case "keep":
        before += run.value;
        after += run.value;
        break;
      case "delete":
        deleted.push({ start: before, count: run.value });
        before += run.value;
        break;
      case "lift":
        from.set(run.value.slot, { start: before, count: run.value.count });
        before += run.value.count;
        break;
      case "insert":
        inserted.push({ start: after, count: run.value.count });
        after += run.value.count;
        break;
      case "drop":
        to.set(run.value, after);
        after += counts.get(run.value) ?? 0;
    }
  const moved = [...from].map(([slot, lines]) => ({ from: lines, to: to.get(slot) ?? 0 }));
  return { inserted, deleted, moved };
}

function areaOf({ row, col, width, values }: CellBlock): Area {
  const wide = width || 1;
  return { row, col, width: wide, height: Math.ceil(values.length / wide) };
}

function around(areas: readonly Area[]): Area | undefined {
  if (areas.length === 0) return undefined;
  const least = (of: (area: Area) => number) =>
    areas.reduce((found, area) => Math.min(found, of(area)), Number.POSITIVE_INFINITY);
  const most = (of: (area: Area) => number) =>
    areas.reduce((found, area) => Math.max(found, of(area)), 0);
  const row = least((area) => area.row);
  const col = least((area) => area.col);
  const height = most((area) => area.row + area.height) - row;
  const width = most((area) => area.col + area.width) - col;
  return { row, col, height, width };
}

export function placesOf({ rows, cols, cells, columns, texts }: Delta): Places {
  const blocks = cells.map(areaOf);
  const written = texts.map(({ row, col }) => ({ row, col, height: 1, width: 1 }));
  const isEmpty = ({ values }: CellBlock) => values.every(({ kind }) => kind.case === undefined);
  return {
    rows: axisPlaces(rows),
    cols: axisPlaces(cols),
    cells: around([...blocks, ...written]),
    isClearing: texts.length === 0 && cells.every(isEmpty),
    columns,
    runs: cols,
  };
}
