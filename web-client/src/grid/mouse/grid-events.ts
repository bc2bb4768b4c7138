// What the mouse does on the grid: clicks on checkboxes, fills, moves and resizes lines, opens menus.
//
// What it is not: the keyboard (see control.ts). Invariant: what was pressed is what is changed, also
// when others move its row or column before the button is up; when it is deleted, nothing is changed
// and the person is told.
import {
  type CellClickedEventArgs,
  type EditListItem,
  type FillPatternEventArgs,
  GridCellKind,
  type GridSelection,
  type Item,
  type Rectangle,
} from "@glideapps/glide-data-grid";
import type { Area } from "../../cells/area.ts";
import { ColumnKind } from "../../gen/gridloom/v1/values_pb.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { showToast } from "../../ui/toasts.ts";
import type { GridActions, MenuRequest } from "../actions/page-actions.ts";
import { moveBlock, toggle } from "../edits/edits.ts";
import { fill } from "../edits/fill.ts";
import { cellSelection } from "../selection/selection.ts";
import type { Selection } from "../selection/use-selection.ts";
import type { Press } from "./press.ts";
import type { Resize } from "./resize.ts";

export function editProps(sheet: LiveSheet, selection: Selection, press: Press) {
  return {
    fillHandle: true,
    trailingRowOptions: { hint: "New row", tint: true },
    /** Only checkboxes are changed by the grid itself, which tells the one under the mouse now. */
    onCellsEdited: ([edit]: readonly EditListItem[]) => {
      const cell = edit?.value.kind === GridCellKind.Boolean ? press.cellNow() : undefined;
      const kind = cell && sheet.layout.get().columns[cell.col]?.kind;
      if (cell !== undefined && kind === ColumnKind.BOOL) toggle(sheet, cell.row, cell.col);
      return true;
    },
    onFillPattern: (event: FillPatternEventArgs) => {
      event.preventDefault();
      fillByHandle(sheet, selection, event);
    },
    onRowAppended: async () => {
      const { rowCount } = sheet.layout.get();
      sheet.edit((engine) => engine.insertRows(rowCount, 1));
      return "bottom" as const;
    },
    onRowMoved: (_: number, to: number) => {
      const from = press.rowNow();
      if (from !== undefined) moveBlock(sheet, selection, "rows", from, to);
    },
    onColumnMoved: (_: number, to: number) => {
      const from = press.colNow();
      if (from !== undefined) moveBlock(sheet, selection, "cols", from, to);
    },
  };
}

function areaOf({ x, y, width, height }: Rectangle): Area {
  return { row: y, col: x, height, width };
}

/** The grid knows what was selected when the mouse went down; the selection knows where that is now. */
function fillByHandle(
  sheet: LiveSheet,
  selection: Selection,
  { patternSource, fillDestination }: FillPatternEventArgs,
): void {
  const range = selection.get().current?.range;
  const same =
    range?.x === patternSource.x &&
    range.y === patternSource.y &&
    range.width === patternSource.width &&
    range.height === patternSource.height;
  if (same) void fill(sheet, areaOf(patternSource), areaOf(fillDestination));
  else showToast("info", "Others moved these cells while you were filling. Nothing was filled.");
}

type HeaderClick = { preventDefault(): void };

export function headerProps(sheet: LiveSheet, actions: GridActions, press: Press, resize: Resize) {
  return {
    onHeaderClicked: (col: number, event: HeaderClick) => {
      if (!press.isDouble || col < 0 || !sheet.layout.get().canEdit) return;
      event.preventDefault();
      // After the click is over: the grid takes the focus at its end.
      setTimeout(() => actions.renameColumn(col));
    },
    onColumnResizeStart: () => resize.start(),
    onColumnResize: (_: unknown, width: number, col: number) => resize.move(col, width),
    onColumnResizeEnd: (_: unknown, width: number, col: number) => resize.end(col, width),
  };
}

/** The grid leaves the selection as it is when the cell of the cursor is clicked, whatever is selected. */
export function clickProps(selection: Selection) {
  return {
    onCellClicked: (
      [col, row]: Item,
      { shiftKey, ctrlKey, metaKey, button }: CellClickedEventArgs,
    ) => {
      const [x, y] = selection.cursor();
      if (shiftKey || ctrlKey || metaKey || button !== 0 || col !== x || row !== y) return;
      selection.set(cellSelection([col, row]));
    },
  };
}

interface MenuEvent {
  bounds: Rectangle;
  localEventX: number;
  localEventY: number;
  preventDefault(): void;
}

export function menuProps(selection: Selection, onMenu: (request: MenuRequest) => void) {
  const point = ({ bounds, localEventX, localEventY }: MenuEvent) => ({
    x: bounds.x + localEventX,
    y: bounds.y + localEventY,
  });
  return {
    onCellContextMenu: (cell: Item, event: MenuEvent) => {
      event.preventDefault();
      const before: GridSelection = selection.get();
      const at = point(event);
      // Later: after this call the grid selects the one cell that was clicked, whatever was selected.
      queueMicrotask(() => {
        selection.set(before);
        selection.include(cell);
        onMenu({ at });
      });
    },
    onHeaderContextMenu: (col: number, event: MenuEvent) => {
      event.preventDefault();
      if (col < 0) return;
      selection.includeColumn(col);
      onMenu({ at: point(event), col });
    },
    onHeaderMenuClick: (col: number, bounds: Rectangle) => {
      selection.includeColumn(col);
      onMenu({ at: { x: bounds.x, y: bounds.y + bounds.height }, col });
    },
  };
}
