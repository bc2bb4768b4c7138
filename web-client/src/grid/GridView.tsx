// The canvas grid over a live sheet.
//
// What it is not: it keeps no cells. The grid asks for what it draws and the engine has it or not; the
// engine is told what is on the screen and has that loaded.
import {
  booleanCellRenderer,
  type CellActivatedEventArgs,
  DataEditorCore,
  type DataEditorRef,
  type EditableGridCell,
  type EditListItem,
  GridCellKind,
  type GridKeyEventArgs,
  type GridSelection,
  type Highlight,
  ImageWindowLoaderImpl,
  type Item,
  loadingCellRenderer,
  markerCellRenderer,
  newRowCellRenderer,
  type Rectangle,
  textCellRenderer,
} from "@glideapps/glide-data-grid";
import { type RefObject, useCallback, useMemo, useState } from "react";
import { useStore } from "../app/store.ts";
import type { LiveSheet } from "../live/live-sheet.ts";
import type { Area, Person } from "../live/people.ts";
import { gridCell } from "./cells.ts";
import { columnWidth, DEFAULT_WIDTH, gridColumns, LEAST_WIDTH, MOST_WIDTH } from "./columns.ts";
import { clearAreas, moveBlock, retypeCell, typeCell } from "./edits.ts";
import { ICONS } from "./icons.ts";
import { areas } from "./selection.ts";
import { actionFor } from "./shortcuts.ts";
import { useGridTheme } from "./theme.ts";
import { createTyping, type Typing } from "./typing.ts";
import type { GridActions } from "./use-actions.ts";
import type { Selection } from "./use-selection.ts";
import { parseValue } from "./values.ts";
import "@glideapps/glide-data-grid/dist/index.css";

const ROW_PIXELS = 32;
const HEADER_PIXELS = 36;
/** Only what a sheet draws: the others would bring a carousel and a Markdown reader along. */
const RENDERERS = [
  textCellRenderer,
  booleanCellRenderer,
  loadingCellRenderer,
  markerCellRenderer,
  newRowCellRenderer,
] as never[];
const NO_IMAGES = new ImageWindowLoaderImpl();
const KEYS = {
  activateCell: "Enter|shift+Enter|F2",
  downFill: true,
  rightFill: true,
  copy: false,
  cut: false,
  paste: false,
} as const;

export interface MenuRequest {
  at: { x: number; y: number };
  /** A column's menu; otherwise that of the selection. */
  col?: number;
}

interface GridViewProps {
  sheet: LiveSheet;
  value: GridSelection;
  selection: Selection;
  actions: GridActions;
  grid: RefObject<DataEditorRef | null>;
  onMenu: (request: MenuRequest) => void;
}

export function GridView({ sheet, value, selection, actions, grid, onMenu }: GridViewProps) {
  const layout = useStore(sheet.layout);
  const version = useStore(sheet.version);
  const theme = useGridTheme();
  const [resizing, setResizing] = useState<{ col: number; width: number }>();
  const [typing] = useState(createTyping);
  const { columns, rowCount, canEdit } = layout;

  const people = useStore(sheet.people);
  const regions = useMemo(
    () => placesOf(people, rowCount, columns.length),
    [people, rowCount, columns.length],
  );

  const drawn = useMemo(
    () => gridColumns(columns, canEdit, resizing),
    [columns, canEdit, resizing],
  );
  const getCellContent = useCallback(
    ([col, row]: Item) => {
      // A new function for each version is what makes the grid draw again.
      void version;
      const column = columns[col];
      const shape = {
        kind: column?.kind ?? 0,
        width: column === undefined ? DEFAULT_WIDTH : columnWidth(column),
      };
      return gridCell(sheet.cell(row, col), shape, canEdit, sheet.flashes.when(row, col));
    },
    [sheet, columns, canEdit, version],
  );

  // An editor that was open when the sheet was closed may still hand in its text, which is kept.
  const writing = editProps(sheet, selection, typing);
  return (
    <DataEditorCore
      ref={grid}
      width="100%"
      height="100%"
      theme={theme}
      renderers={RENDERERS}
      imageWindowLoader={NO_IMAGES}
      headerIcons={ICONS}
      columns={drawn}
      rows={rowCount}
      rowHeight={ROW_PIXELS}
      headerHeight={HEADER_PIXELS}
      minColumnWidth={LEAST_WIDTH}
      maxColumnWidth={MOST_WIDTH}
      rowMarkers={{ kind: "clickable-number", width: markerWidth(rowCount) }}
      getCellContent={getCellContent}
      getCellsForSelection={true}
      gridSelection={value}
      highlightRegions={regions}
      onGridSelectionChange={selection.set}
      rangeSelect="rect"
      smoothScrollX
      smoothScrollY
      keybindings={KEYS}
      onPaste={false}
      onVisibleRegionChanged={({ y, height }) => sheet.see({ start: y, count: height })}
      onKeyDown={(event) => runShortcut(event, actions)}
      {...menuProps(selection, onMenu)}
      {...headerProps(sheet, actions, setResizing)}
      {...(canEdit ? writing : { onCellsEdited: writing.onCellsEdited, onDelete: () => false })}
    />
  );
}

/** Where the others are, as far as that is on the sheet: what they have selected, and their cursor. */
function placesOf(people: readonly Person[], rows: number, cols: number): Highlight[] {
  return people.flatMap(({ color, cursor, selected }) => {
    const place = (area: Area, tint: string, style: "no-outline" | "solid-outline") => {
      const { row: y, col: x } = area;
      const width = Math.min(area.width, cols - x);
      const height = Math.min(area.height, rows - y);
      return width > 0 && height > 0
        ? [{ color: tint, range: { x, y, width, height }, style }]
        : [];
    };
    const fills = selected.flatMap((area) => place(area, `${color}22`, "no-outline"));
    if (cursor === undefined) return fills;
    const cell = { ...cursor, width: 1, height: 1 };
    return [
      ...fills,
      ...place(cell, `${color}22`, "no-outline"),
      ...place(cell, color, "solid-outline"),
    ];
  });
}

function markerWidth(rowCount: number): number {
  return 28 + String(rowCount).length * 8;
}

function runShortcut(event: GridKeyEventArgs, actions: GridActions): void {
  const action = actionFor(event);
  if (action === undefined) return;
  event.cancel();
  event.preventDefault();
  event.stopPropagation();
  actions.run(action);
}

/** Writes what the grid's editors and fills produce. */
function editProps(sheet: LiveSheet, selection: Selection, typing: Typing) {
  const write = ([col, row]: Item, cell: EditableGridCell, from: string | undefined) => {
    const { columns } = sheet.layout.get();
    const kind = columns[col]?.kind ?? 0;
    if (cell.kind === GridCellKind.Boolean) return typeCell(sheet, row, col, cell.data ?? null);
    if (cell.kind !== GridCellKind.Text) return;
    const value = parseValue(cell.data, kind);
    if (from !== undefined && typeof value === "string") retypeCell(sheet, row, col, from, value);
    else typeCell(sheet, row, col, value);
  };
  return {
    fillHandle: true,
    trailingRowOptions: { hint: "New row", tint: true },
    onCellsEdited: (edits: readonly EditListItem[]) => {
      for (const { location, value } of edits)
        write(selection.resolve(location), value, typing.end(location));
      return true;
    },
    onCellActivated: ([col, row]: Item, event: CellActivatedEventArgs) =>
      typing.begin([col, row], typesOver(event) ? undefined : sheet.cell(row, col)),
    onDelete: (now: GridSelection) => {
      const { rowCount, columns } = sheet.layout.get();
      clearAreas(sheet, areas(now, rowCount, columns.length));
      return false;
    },
    onRowAppended: async () => {
      const { rowCount } = sheet.layout.get();
      sheet.edit((engine) => engine.insertRows(rowCount, 1));
      return "bottom" as const;
    },
    onRowMoved: (from: number, to: number) => moveBlock(sheet, selection, "rows", from, to),
    onColumnMoved: (from: number, to: number) => moveBlock(sheet, selection, "cols", from, to),
  };
}

/** A character that opens the editor takes the place of what the cell holds. */
function typesOver(event: CellActivatedEventArgs): boolean {
  return event.inputType === "keyboard" && event.key.length === 1 && event.key !== " ";
}

function headerProps(
  sheet: LiveSheet,
  actions: GridActions,
  setResizing: (resizing: { col: number; width: number } | undefined) => void,
) {
  return {
    onHeaderClicked: (col: number, event: { isDoubleClick?: boolean; preventDefault(): void }) => {
      if (event.isDoubleClick !== true || col < 0 || !sheet.layout.get().canEdit) return;
      event.preventDefault();
      // After the click is over: the grid takes the focus at its end.
      setTimeout(() => actions.renameColumn(col));
    },
    onColumnResize: (_: unknown, width: number, col: number) => setResizing({ col, width }),
    onColumnResizeEnd: (_: unknown, width: number, col: number) => {
      const rounded = Math.round(width);
      sheet.edit((engine) => engine.updateColumn(col, undefined, undefined, rounded));
      setResizing(undefined);
    },
  };
}

interface MenuEvent {
  bounds: Rectangle;
  localEventX: number;
  localEventY: number;
  preventDefault(): void;
}

function menuProps(selection: Selection, onMenu: (request: MenuRequest) => void) {
  const point = ({ bounds, localEventX, localEventY }: MenuEvent) => ({
    x: bounds.x + localEventX,
    y: bounds.y + localEventY,
  });
  return {
    onCellContextMenu: (cell: Item, event: MenuEvent) => {
      event.preventDefault();
      const before = selection.get();
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
