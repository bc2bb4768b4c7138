// The renderer of a cell of a yes/no column.
//
// Invariant: an empty cell is neither yes nor no, to the eye and to a screen reader.
import { type BooleanCell, booleanCellRenderer } from "@glideapps/glide-data-grid";

export const checkBoxRenderer: typeof booleanCellRenderer = {
  ...booleanCellRenderer,
  getAccessibilityString: ({ data }) => data?.toString() ?? "",
  draw: (args, cell) => {
    if (cell.data !== null || cell.readonly) return booleanCellRenderer.draw(args, cell);
    // Its box has the color of a border.
    const { borderColor, headerBottomBorderColor = borderColor } = args.theme;
    const theme = { ...args.theme, textMedium: headerBottomBorderColor };
    const blank: BooleanCell = { ...cell, data: false };
    booleanCellRenderer.draw({ ...args, theme, cell: blank }, blank);
  },
};
