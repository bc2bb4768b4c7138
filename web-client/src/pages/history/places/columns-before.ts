// The columns of a sheet at an older revision, as far as they still exist.
import type { ChangeRecord } from "../../../gen/gridloom/v1/history_pb.ts";
import type { Column, Run } from "../../../gen/gridloom/v1/values_pb.ts";
import { liftedCounts, type Places } from "./delta-places.ts";

/** By position; undefined for a column that does not exist any more. */
export type Columns = readonly (Column | undefined)[];

/** The columns that each step leaves, from the first on; none for a step that takes some away. */
function piecesAfter(after: Columns, runs: readonly Run[]): Columns[] {
  const counts = liftedCounts(runs);
  let at = 0;
  const next = (count: number) => {
    at += count;
    return after.slice(at - count, at);
  };
  return runs.map(({ run }) => {
    if (run.case === "keep") return next(run.value);
    if (run.case === "insert") return next(run.value.count);
    return run.case === "drop" ? next(counts.get(run.value) ?? 0) : [];
  });
}

/** The columns before a change with these steps; `after`: those after it. */
export function columnsBefore(after: Columns, runs: readonly Run[]): Columns {
  const pieces = piecesAfter(after, runs);
  const dropped = (slot: number) =>
    pieces[runs.findIndex(({ run }) => run.case === "drop" && run.value === slot)] ?? [];
  const before = runs.flatMap(({ run }, step): Columns => {
    if (run.case === "keep") return pieces[step] ?? [];
    if (run.case === "lift") return dropped(run.value.slot);
    return run.case === "delete" ? Array.from({ length: run.value }, () => undefined) : [];
  });
  return [...before, ...after.slice(pieces.flat().length)];
}

/** Where a change took place, and the columns before and after it. */
export interface Where {
  places: Places;
  before: Columns;
  after: Columns;
}

function altersColumns({ colsInserted, colsDeleted, colsMoved }: ChangeRecord): boolean {
  return colsInserted + colsDeleted + colsMoved > 0;
}

/**
 * For each of the changes, from the newest on, where it took place; undefined where that is not known. `columns`: those
 * after the newest change. Past a change of columns without known steps no column is known.
 */
export function whereEach(
  changes: readonly ChangeRecord[],
  known: ReadonlyMap<bigint, Places>,
  columns: Columns,
): (Where | undefined)[] {
  let after = columns;
  return changes.map((change) => {
    const places = known.get(change.revision);
    const here = after;
    if (places !== undefined) after = columnsBefore(here, places.runs);
    else if (altersColumns(change)) after = [];
    return places && { places, before: after, after: here };
  });
}
