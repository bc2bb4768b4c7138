// Mouse events on the grid: clicks on checkboxes, fills, moves and resizes of lines, menus.
//
// What it is not: the keyboard (see control.ts).
// Invariant: the pressed cell or line is the one that changes, even when others move it before the button
// is released. When it is deleted, nothing changes and a notice reports that.
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
import { followCell } from "../links/follow.ts";
import { cellSelection } from "../selection/selection.ts";
import type { Selection } from "../selection/use-selection.ts";
import type { Press } from "./press.ts";
import type { Resize } from "./resize.ts";

export function editProps(sheet: LiveSheet, selection: Selection, press: Press) {
  return {
    fillHandle: true,
    trailingRowOptions: { hint: "New row", tint: true },
    /** The grid edits only checkboxes. It reports the one now under the mouse, not the pressed one. */
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

/** Fills only if the selection has not moved since the press: the grid reports its place at that time. */
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
      // After the click, because the grid takes the focus at its end.
      setTimeout(() => actions.renameColumn(col));
    },
    onColumnResizeStart: () => resize.start(),
    onColumnResize: (_: unknown, width: number, col: number) => resize.move(col, width),
    onColumnResizeEnd: (_: unknown, width: number, col: number) => resize.end(col, width),
  };
}

/**
 * A click on the cursor's cell selects that cell alone; the grid would keep a larger selection. With Ctrl it opens the link
 * of a cell.
 */
export function clickProps(sheet: LiveSheet, selection: Selection) {
  return {
    onCellClicked: (
      [col, row]: Item,
      { shiftKey, ctrlKey, metaKey, button }: CellClickedEventArgs,
    ) => {
      if ((ctrlKey || metaKey) && button === 0) followCell(sheet, [col, row]);
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
      // Later, because after this call the grid selects the clicked cell alone.
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
