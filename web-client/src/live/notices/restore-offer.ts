// Offers to restore values that another person has overwritten.
//
// Invariant: a value returns to its own cell, also when others have moved that cell, and only while the
// overwriting value is still there.
import type { Area } from "../../cells/area.ts";
import { type CellValue, sameValue } from "../../cells/values.ts";
import type { Gesture } from "../engine/engine.ts";
import type { Hold } from "../engine/hold.ts";
import type { LostCell } from "./conflicts.ts";
import type { Notice } from "./notice.ts";

/** The part of a live sheet that it needs. */
export interface Sheet {
  cell(row: number, col: number): CellValue | undefined;
  hold(areas: readonly Area[]): Hold;
  make(build: (gesture: Gesture) => void): boolean;
}

/** The action of a notice about these cells, and the release of the hold behind it. */
export function offerRestore(
  sheet: Sheet,
  cells: readonly LostCell[],
  notify: (notice: Notice) => void,
): Pick<Notice, "action" | "onClose"> {
  if (cells.length === 0) return {};
  const hold = sheet.hold(cells.map(({ row, col }) => ({ row, col, height: 1, width: 1 })));
  const run = () => {
    const areas = hold.areas();
    const standing = cells.flatMap(({ lost, kept }, i) => {
      const area = areas[i];
      const stands = area !== undefined && sameValue(sheet.cell(area.row, area.col), kept);
      return stands ? [{ row: area.row, col: area.col, lost }] : [];
    });
    sheet.make((gesture) => {
      for (const { row, col, lost } of standing) gesture.setCells(row, col, 1, [lost]);
    });
    if (standing.length < cells.length)
      notify({ look: "info", text: "Cells that have changed since then were left as they are." });
  };
  return { action: { label: "Put mine back", run }, onClose: () => hold.release() };
}
