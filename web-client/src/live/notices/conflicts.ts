// Notices for conflicts: the person's own value that was overwritten or deleted, and the present value.
import { columnLetters } from "../../cells/column-names.ts";
import { type CellValue, exactText, plainValue } from "../../cells/values.ts";
import { type Conflict, Conflict_Reason } from "../../gen/gridloom/v1/values_pb.ts";

/** A cell whose value was overwritten: `lost` is the person's value, `kept` the present one. */
export interface LostCell {
  row: number;
  col: number;
  lost: CellValue;
  kept: CellValue;
}

export interface ConflictNotice {
  text: string;
  /** Cells that can be set again. */
  cells: readonly LostCell[];
}

/** Characters of a value that a notice shows. */
const SHOWN = 40;

function quoted(value: CellValue): string {
  const text = exactText(value);
  return `“${text.length > SHOWN ? `${text.slice(0, SHOWN - 1)}…` : text}”`;
}

function nameOf({ row, col }: { row: number; col: number }): string {
  return `${columnLetters(col)}${row + 1}`;
}

/** One notice for all conflicts of one frame; undefined without conflicts. `by`: the name of the other person. */
export function conflictNotice(
  conflicts: readonly Conflict[],
  by = "someone",
): ConflictNotice | undefined {
  const [first] = conflicts;
  if (first === undefined) return undefined;
  const overwritten = conflicts.filter(({ reason }) => reason === Conflict_Reason.OVERWRITTEN);
  const cells = overwritten.map(({ row, col, lost, kept }) => ({
    row,
    col,
    lost: plainValue(lost),
    kept: plainValue(kept),
  }));
  if (conflicts.length > 1) {
    const count = conflicts.length.toLocaleString();
    return { text: `Others changed ${count} cells that you had just changed.`, cells };
  }
  const [cell] = cells;
  return { text: cell === undefined ? goneText(first) : overwrittenText(cell, by), cells };
}

function goneText(conflict: Conflict): string {
  const lost = plainValue(conflict.lost);
  const place = nameOf(conflict);
  if (lost === null) return `${place}, which you cleared, is gone: its row or column was deleted.`;
  return `Your ${quoted(lost)} in ${place} is gone: its row or column was deleted.`;
}

function overwrittenText(cell: LostCell, by: string): string {
  const { lost, kept } = cell;
  if (lost === null) return `${nameOf(cell)}: ${by} wrote ${quoted(kept)} after you cleared it.`;
  if (kept === null) return `${nameOf(cell)}: ${by} cleared your ${quoted(lost)}.`;
  return `${nameOf(cell)}: ${by} wrote ${quoted(kept)} over your ${quoted(lost)}.`;
}
