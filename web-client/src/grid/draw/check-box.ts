// The renderer of a cell of a yes/no column.
//
// Invariant: an empty cell is neither yes nor no, to the eye and to a screen reader.
import { type BooleanCell, booleanCellRenderer } from "@glideapps/glide-data-grid";

/** Which part of the box of an empty cell fades while no pointer is over it. */
const FADES = 0.75;

export const checkBoxRenderer: typeof booleanCellRenderer = {
  ...booleanCellRenderer,
  getAccessibilityString: ({ data }) => data?.toString() ?? "",
  draw: (args, cell) => {
    if (cell.data !== null || cell.readonly) return booleanCellRenderer.draw(args, cell);
    const faint: BooleanCell = { ...cell, data: false, hoverEffectIntensity: FADES };
    booleanCellRenderer.draw({ ...args, cell: faint }, faint);
  },
};
