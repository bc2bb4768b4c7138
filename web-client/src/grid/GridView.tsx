// The canvas grid over a live sheet.
//
// What it is not: it stores no cells and handles no keys. The grid asks the engine for each cell that it
// draws, and the sheet loads the rows on the screen. Keys go to the text field over the grid (see
// CellEntry.tsx).
import {
  DataEditorCore,
  type DataEditorRef,
  type GridSelection,
  type Item,
} from "@glideapps/glide-data-grid";
import { type RefObject, useCallback, useState } from "react";
import { type Store, useStore } from "../base/store.ts";
import { columnTitle } from "../cells/column-names.ts";
import type { LiveSheet } from "../live/live-sheet.ts";
import type { Layout } from "../live/view/sheet-view.ts";
import type { GridActions, MenuRequest } from "./actions/page-actions.ts";
import { type Corners, useCorners } from "./draw/corners.ts";
import { ICONS } from "./draw/icons.ts";
import { PeopleMarks } from "./draw/PeopleMarks.tsx";
import { markerWidth, SETTINGS } from "./draw/settings.ts";
import { useGridTheme } from "./draw/theme.ts";
import { useContent } from "./draw/use-content.ts";
import { useScrolled } from "./draw/use-scrolled.ts";
import { isCheckbox } from "./edits/edits.ts";
import { CellEntry } from "./keyboard/CellEntry.tsx";
import { caretAt } from "./keyboard/field-box.ts";
import type { Keyboard } from "./keyboard/use-entry.ts";
import { useFocus } from "./keyboard/use-focus.ts";
import { cellLink } from "./links/follow.ts";
import { clickProps, editProps, headerProps, menuProps } from "./mouse/grid-events.ts";
import { useLongPress } from "./mouse/long-press.ts";
import { Press } from "./mouse/press.ts";
import { Resize } from "./mouse/resize.ts";
import { usePress } from "./mouse/use-press.ts";
import type { Selection } from "./selection/use-selection.ts";
import "@glideapps/glide-data-grid/dist/index.css";

interface GridViewProps {
  sheet: LiveSheet;
  value: GridSelection;
  selection: Selection;
  actions: GridActions;
  keyboard: Keyboard;
  grid: RefObject<DataEditorRef | null>;
  area: RefObject<HTMLElement | null>;
  field: RefObject<HTMLTextAreaElement | null>;
  /** The grid writes its first row and its number of rows on the screen here. */
  shown: { top: RefObject<number>; page: RefObject<number> };
  onMenu: (request: MenuRequest) => void;
  marks: CellMarks;
}

/** The marks in cells, and the cell under the mouse. */
export interface CellMarks {
  corners: Store<Corners>;
  hovered: Store<Item | undefined>;
}

export function GridView(props: GridViewProps) {
  const { sheet, value, selection, actions, keyboard, grid, area, field, shown, onMenu, marks } =
    props;
  const layout = useStore(sheet.layout);
  const { rowCount, canEdit } = layout;
  const [press] = useState(() => new Press(sheet));
  const [resize] = useState(() => new Resize(sheet, press));
  const content = useContent(sheet, useStore(resize.widths));
  const theme = useGridTheme();
  const scrolled = useScrolled(sheet, area);
  usePress(
    area,
    grid,
    press,
    useCallback(() => keyboard.entry.commit(), [keyboard]),
  );
  useFocus(area, field);
  useLongPress(area);
  const { drawCell, isMarked } = useCorners(sheet, marks.corners);
  const cursor = value.current?.cell ?? ORIGIN;
  return (
    <>
      <DataEditorCore
        ref={grid}
        {...SETTINGS}
        {...content}
        {...scrolled}
        theme={theme}
        headerIcons={ICONS}
        drawCell={drawCell}
        onItemHovered={({ kind, location }) =>
          marks.hovered.set(kind === "cell" ? location : undefined)
        }
        rowMarkers={{ kind: "clickable-number", width: markerWidth(rowCount) }}
        gridSelection={value}
        onGridSelectionChange={selection.fromGrid}
        {...scrollProps(props)}
        {...openProps(props, press)}
        {...clickProps(sheet, selection)}
        {...menuProps(selection, onMenu)}
        {...headerProps(sheet, actions, press, resize)}
        {...(canEdit ? editProps(sheet, selection, press) : {})}
      />
      <PeopleMarks {...{ sheet, grid, area, shown }} />
      <CellEntry
        {...{ sheet, actions, field, grid, cursor, canEdit }}
        {...keyboard}
        onMenu={onMenu}
        label={labelOf(layout, cursor, [
          sheet.misfit(cursor[1], cursor[0]),
          cellLink(sheet, cursor) === undefined ? undefined : "link",
          isMarked(cursor) ? "has comments" : undefined,
        ])}
        checkbox={isCheckbox(sheet, cursor[1], cursor[0])}
      />
    </>
  );
}

const ORIGIN: Item = [0, 0];

/** Reports the rows on the screen, so that the sheet loads them. */
function scrollProps({ sheet, shown }: GridViewProps) {
  return {
    onVisibleRegionChanged: ({ y, height }: { y: number; height: number }) => {
      shown.top.current = y;
      shown.page.current = height;
      sheet.setVisibleRows({ start: y, count: height });
    },
  };
}

/** Opens a cell for editing, by a double click or through the grid's accessible table. */
function openProps(props: GridViewProps, press: Press) {
  const { selection, keyboard } = props;
  return {
    onKeyDown: ({ location, key }: { location?: Item | undefined; key: string }) => {
      if (location === undefined || key !== "Enter") return;
      selection.include(location);
      keyboard.entry.open();
    },
    onCellActivated: () => {
      // The grid also reports two quick clicks on different cells as a double click.
      if (press.isDouble) keyboard.entry.open((text) => caretIn(props, text, press.x));
    },
  };
}

/** Where a double click puts the caret. Numbers are drawn at the right of the cell: it goes to their end. */
function caretIn(
  { sheet, selection, grid, field }: GridViewProps,
  text: string,
  x: number,
): number {
  const [col, row] = selection.cursor();
  const cell = grid.current?.getBounds(col, row);
  const isText = typeof sheet.cell(row, col) === "string";
  if (!isText || cell === undefined || field.current === null) return text.length;
  return caretAt(text, getComputedStyle(field.current).font, cell, x);
}

function labelOf(
  { columns, rowCount }: Layout,
  [col, row]: Item,
  about: readonly (string | undefined)[],
): string {
  const name = columnTitle(columns[col], col);
  if (row >= rowCount) return `${name}, new row`;
  const facts = about.filter((fact) => fact !== undefined);
  return [`${name}, row ${(row + 1).toLocaleString()}`, ...facts].join(", ");
}
