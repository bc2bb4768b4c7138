// The grid's fixed settings: sizes, renderers, and its own keyboard, which is off.
import {
  ImageWindowLoaderImpl,
  loadingCellRenderer,
  markerCellRenderer,
  newRowCellRenderer,
  textCellRenderer,
} from "@glideapps/glide-data-grid";
import { checkBoxRenderer } from "./check-box.ts";
import { LEAST_WIDTH, MOST_WIDTH } from "./columns.ts";

const ROW_PIXELS = 32;
const HEADER_PIXELS = 36;
/** Only the renderers that a sheet needs: the others would load a carousel and a Markdown reader. */
const RENDERERS = [
  textCellRenderer,
  checkBoxRenderer,
  loadingCellRenderer,
  markerCellRenderer,
  newRowCellRenderer,
] as never[];

/** The text field over the grid handles all keys (see CellEntry.tsx). */
const NO_KEYS = Object.fromEntries(
  [
    ...["activateCell", "clear", "closeOverlay", "copy", "cut", "paste", "delete", "search"],
    ...["downFill", "rightFill", "scrollToSelectedCell", "selectAll", "selectRow", "selectColumn"],
    ...["goUpCell", "goDownCell", "goLeftCell", "goRightCell", "goToNextPage", "goToPreviousPage"],
    ...["goToFirstCell", "goToLastCell", "goToFirstRow", "goToLastRow"],
    ...["goToFirstColumn", "goToLastColumn"],
    ...["selectGrowUp", "selectGrowDown", "selectGrowLeft", "selectGrowRight"],
    ...["selectToFirstCell", "selectToLastCell", "selectToFirstRow", "selectToLastRow"],
    ...["selectToFirstColumn", "selectToLastColumn"],
  ].map((key) => [key, false]),
);

/** Properties of the grid that never change. */
export const SETTINGS = {
  width: "100%",
  height: "100%",
  renderers: RENDERERS,
  imageWindowLoader: new ImageWindowLoaderImpl(),
  rowHeight: ROW_PIXELS,
  headerHeight: HEADER_PIXELS,
  minColumnWidth: LEAST_WIDTH,
  maxColumnWidth: MOST_WIDTH,
  getCellsForSelection: true,
  rangeSelect: "rect",
  smoothScrollX: true,
  smoothScrollY: true,
  keybindings: NO_KEYS,
  editOnType: false,
  scrollToActiveCell: false,
  cellActivationBehavior: "double-click",
  onPaste: false,
} as const;

/** The width of the column of row numbers. */
export function markerWidth(rowCount: number): number {
  return 28 + String(rowCount).length * 8;
}
