// The canvas grid over a live sheet.
//
// What it is not: it keeps no cells and has no keyboard. The grid asks for what it draws and the engine
// has it or not; the engine is told what is on the screen and has that loaded. Keys go to the text field
// over the grid (see CellEntry.tsx).
import {
  booleanCellRenderer,
  DataEditorCore,
  type DataEditorRef,
  type GridSelection,
  type Highlight,
  ImageWindowLoaderImpl,
  type Item,
  loadingCellRenderer,
  markerCellRenderer,
  newRowCellRenderer,
  textCellRenderer,
} from "@glideapps/glide-data-grid";
import { type RefObject, useCallback, useEffect, useMemo, useState } from "react";
import { useStore } from "../app/store.ts";
import type { Layout, LiveSheet } from "../live/live-sheet.ts";
import type { Area, Person } from "../live/people.ts";
import { CellEntry } from "./CellEntry.tsx";
import { gridCell } from "./cells.ts";
import {
  columnTitle,
  columnWidth,
  DEFAULT_WIDTH,
  gridColumns,
  LEAST_WIDTH,
  MOST_WIDTH,
} from "./columns.ts";
import { caretAt } from "./field-box.ts";
import { clickProps, editProps, headerProps, type MenuRequest, menuProps } from "./grid-events.ts";
import { ICONS } from "./icons.ts";
import { Press } from "./press.ts";
import { Resize } from "./resize.ts";
import { useGridTheme } from "./theme.ts";
import type { GridActions } from "./use-actions.ts";
import type { Hands } from "./use-entry.ts";
import { useFocus } from "./use-focus.ts";
import type { Selection } from "./use-selection.ts";
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

interface GridViewProps {
  sheet: LiveSheet;
  value: GridSelection;
  selection: Selection;
  actions: GridActions;
  hands: Hands;
  grid: RefObject<DataEditorRef | null>;
  area: RefObject<HTMLElement | null>;
  field: RefObject<HTMLTextAreaElement | null>;
  /** Told what the grid shows. */
  shown: { top: RefObject<number>; page: RefObject<number> };
  onMenu: (request: MenuRequest) => void;
}

export function GridView(props: GridViewProps) {
  const { sheet, value, selection, actions, hands, grid, area, field, shown, onMenu } = props;
  const layout = useStore(sheet.layout);
  const version = useStore(sheet.version);
  const theme = useGridTheme();
  const [press] = useState(() => new Press(sheet));
  const [resize] = useState(() => new Resize(sheet, press));
  const resizing = useStore(resize.widths);
  const { columns, rowCount, canEdit } = layout;
  usePress(area, grid, press, hands);
  useFocus(area, field);

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
  const cursor = value.current?.cell ?? ORIGIN;
  /** A number stands at the right of its cell: there the end is near enough. */
  const caretOf = (text: string, x: number) => {
    const [col, row] = selection.cursor();
    const cell = grid.current?.getBounds(col, row);
    const isText = typeof sheet.cell(row, col) === "string";
    if (!isText || cell === undefined || field.current === null) return text.length;
    return caretAt(text, getComputedStyle(field.current).font, cell, x);
  };
  const open = (cell: Item) => {
    selection.include(cell);
    hands.entry.open();
  };

  return (
    <>
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
        onGridSelectionChange={selection.fromGrid}
        rangeSelect="rect"
        smoothScrollX
        smoothScrollY
        keybindings={NO_KEYS}
        editOnType={false}
        scrollToActiveCell={false}
        cellActivationBehavior="double-click"
        onPaste={false}
        onVisibleRegionChanged={({ y, height }) => {
          shown.top.current = y;
          shown.page.current = height;
          sheet.see({ start: y, count: height });
        }}
        // The accessible table's own way to open a cell.
        onKeyDown={({ location, key }) => {
          if (location !== undefined && key === "Enter") open(location);
        }}
        onCellActivated={() => {
          // The grid takes two quick clicks on different cells for a double click, too.
          if (press.isDouble) hands.entry.open((text) => caretOf(text, press.x));
        }}
        {...clickProps(selection)}
        {...menuProps(selection, onMenu)}
        {...headerProps(sheet, actions, press, resize)}
        {...(canEdit ? editProps(sheet, selection, press) : {})}
      />
      <CellEntry
        {...{ sheet, actions, field, grid, cursor, canEdit }}
        {...hands}
        onMenu={onMenu}
        label={labelOf(layout, cursor)}
        checkbox={typeof sheet.cell(cursor[1], cursor[0]) === "boolean"}
      />
    </>
  );
}

const ORIGIN: Item = [0, 0];

/** The keyboard is the text field's. */
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

function labelOf({ columns, rowCount }: Layout, [col, row]: Item): string {
  const name = columnTitle(columns[col], col);
  return row < rowCount ? `${name}, row ${(row + 1).toLocaleString()}` : `${name}, new row`;
}

/** Keeps what the mouse went down on, and ends the editing of a cell before anything is clicked. */
function usePress(
  area: RefObject<HTMLElement | null>,
  grid: RefObject<DataEditorRef | null>,
  press: Press,
  { entry }: Hands,
): void {
  useEffect(() => {
    const element = area.current;
    if (element === null) return;
    const down = (event: PointerEvent) => {
      if (event.target instanceof HTMLTextAreaElement) return;
      entry.commit();
      if (grid.current !== null) press.begin(grid.current, event.clientX, event.clientY);
    };
    element.addEventListener("pointerdown", down, true);
    return () => {
      element.removeEventListener("pointerdown", down, true);
      press.end();
    };
  }, [area, grid, press, entry]);
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
