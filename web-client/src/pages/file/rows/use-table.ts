// The state of a table on the screen: its loaded rows, its selection, its widths, and how far it is scrolled.
import {
  type Dispatch,
  type RefObject,
  type SetStateAction,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { isTransient } from "../../../api/errors.ts";
import { useStore } from "../../../base/store.ts";
import type { Table } from "../../../gen/gridloom/v1/tables_pb.ts";
import { browser } from "../../../live/browser.ts";
import type { Source } from "../query/view/use-source.ts";
import { loadRowsOf } from "./load/load-rows.ts";
import { type LoadRows, RowWindows } from "./load/row-windows.ts";
import { type Marked, oneMarked, type Place } from "./marked.ts";
import { ColumnPlaces } from "./scroll/column-places.ts";
import { type Scroll, useScroll } from "./scroll/use-scroll.ts";
import { numbersWidth, ROW_PIXELS, usualWidth } from "./sizes.ts";

export interface OpenTable {
  table: Table;
  source: Source;
  rows: number;
  windows: RowWindows;
  load: LoadRows;
  places: ColumnPlaces;
  /** The width of the row numbers. */
  numbers: number;
  scroll: Scroll;
  marked: Marked;
  /** Rows on the screen. */
  page: number;
  mark: (marked: Marked) => void;
  /** Scrolls until a cell is on the screen. */
  reveal: (place: Place) => void;
  /** Goes to a row, which is in the middle of the screen then. */
  goTo: (row: number) => void;
  resize: (col: number, width: number) => void;
}

/** The loaded rows of a table, as long as it is on the screen. */
function useWindows(table: Table, rows: number, load: LoadRows): RowWindows {
  const windows = useMemo(() => {
    const { after } = browser;
    const columns = table.columns.length;
    return new RowWindows({ rows, columns, load, after, isTransient });
  }, [table, rows, load]);
  useEffect(() => () => windows.close(), [windows]);
  useStore(windows.version);
  return windows;
}

function usePlaces(table: Table): [ColumnPlaces, OpenTable["resize"]] {
  const [chosen, setChosen] = useState<ReadonlyMap<number, number>>(new Map());
  const places = useMemo(() => {
    const { columns } = table;
    return new ColumnPlaces(columns.map(({ kind }, col) => chosen.get(col) ?? usualWidth(kind)));
  }, [table, chosen]);
  const resize = useCallback(
    (col: number, width: number) => setChosen((earlier) => new Map([...earlier, [col, width]])),
    [],
  );
  return [places, resize];
}

const ORIGIN = oneMarked([0, 0]);

export function useTable(
  fileId: string,
  table: Table,
  source: Source,
  area: RefObject<HTMLElement | null>,
): OpenTable {
  const { viewId, rows } = source;
  const load = useMemo(() => loadRowsOf(fileId, table, viewId), [fileId, table, viewId]);
  const windows = useWindows(table, rows, load);
  const [places, resize] = usePlaces(table);
  const scroll = useScroll(area, rows * ROW_PIXELS);
  const [marked, mark] = useState(ORIGIN);
  // The rows of a view have the numbers that they have in the table.
  const numbers = numbersWidth(Number(table.rows));
  const { top, left, width, height } = scroll;
  const columns = places.within(left, left + Math.max(0, width - numbers));
  const first = Math.floor(top / ROW_PIXELS);
  const count = Math.max(0, Math.min(rows - first, Math.ceil(height / ROW_PIXELS) + 1));
  useEffect(() => {
    if (height > 0)
      windows.show({ start: first, count }, { start: columns.start, count: columns.count });
  }, [windows, first, count, columns.start, columns.count, height]);

  const now = useRef({ places, scroll, numbers });
  now.current = { places, scroll, numbers };
  const reveal = useCallback(([col, row]: Place) => {
    const { places, scroll, numbers } = now.current;
    const { top, left, width, height } = scroll.now();
    const [from, to] = [row * ROW_PIXELS, (row + 1) * ROW_PIXELS];
    const below = to > top + height ? to - height : undefined;
    const across = places.reveal(col, left, width - numbers);
    scroll.to(from < top ? from : below, across === left ? undefined : across);
  }, []);
  const goTo = useCallback((row: number) => {
    mark(({ cursor }) => oneMarked([cursor[0], row]));
    const { scroll } = now.current;
    scroll.to(row * ROW_PIXELS - (scroll.now().height - ROW_PIXELS) / 2, undefined);
  }, []);
  useOtherRows(viewId, now, mark);
  const page = Math.max(1, Math.floor(height / ROW_PIXELS));
  return {
    table,
    source,
    rows,
    windows,
    load,
    places,
    numbers,
    scroll,
    marked,
    page,
    mark,
    reveal,
    goTo,
    resize,
  };
}

/** Other rows are shown from the first one on; the column stays. */
function useOtherRows(
  viewId: string,
  now: RefObject<{ scroll: Scroll }>,
  mark: Dispatch<SetStateAction<Marked>>,
): void {
  const shown = useRef(viewId);
  useEffect(() => {
    if (shown.current === viewId) return;
    shown.current = viewId;
    mark(({ cursor }) => oneMarked([cursor[0], 0]));
    now.current.scroll.to(0, undefined);
  }, [viewId, now, mark]);
}

/** The position of a row in the table, from 0; undefined while it is not loaded. `col`: a column that loads with it. */
export function positionOf({ source, windows }: OpenTable, row: number, col: number) {
  return source.viewId === "" ? row : windows.position(row, col);
}
