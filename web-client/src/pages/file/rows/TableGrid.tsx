// The rows of a table, read-only: the look and the keys of a sheet's grid, for up to hundreds of millions of rows.
//
// Why it is a grid of its own: that of a sheet is drawn from an open sheet, and the component under it scrolls inexactly
// once its rows are higher than what a browser scrolls. It is also one script with the page of a sheet, which a second user
// would divide. Here are elements for the cells on the screen alone, which a screen reader reads as they are.
//
// What it is not: it loads nothing (see row-windows.ts) and knows no motion (see moves.ts).
// Invariant: the grid itself has the focus, and names the cell of the cursor as the active one.
import { Check } from "lucide-react";
import { type KeyboardEvent, type RefObject, useId } from "react";
import type { CellValue } from "../../../cells/values.ts";
import { readyIntent } from "../../../grid/keyboard/keys.ts";
import { Icon } from "../../../ui/Icon.tsx";
import type { Query } from "../query/query.ts";
import { ROLE } from "./grid-roles.ts";
import { TableHead } from "./head/TableHead.tsx";
import { type OnMenu, useHeadMenu } from "./head/use-head-menu.ts";
import { areaOf, holds, type Place } from "./marked.ts";
import { performed } from "./moves.ts";
import { HEAD_PIXELS, ROW_PIXELS } from "./sizes.ts";
import type { Looks } from "./use-looks.ts";
import { usePointer } from "./use-pointer.ts";
import { type OpenTable, positionOf } from "./use-table.ts";

interface TableGridProps {
  open: OpenTable;
  looks: Looks;
  query: Query;
  area: RefObject<HTMLDivElement | null>;
  onMenu: OnMenu;
  onGoTo: () => void;
  onFollow: (place: Place) => void;
}

export function TableGrid(props: TableGridProps) {
  const { open, looks, query, area, onMenu, onGoTo, onFollow } = props;
  const { table, rows, places, numbers, scroll, marked } = open;
  const id = useId();
  const { events, headAt } = usePointer(open, area, onFollow);
  const { top, left, width, height } = scroll;
  const shown = places.within(left, left + Math.max(0, width - numbers));
  const first = Math.floor(top / ROW_PIXELS);
  const count = Math.max(0, Math.min(rows - first, Math.ceil(height / ROW_PIXELS) + 1));
  const shownRows = Array.from({ length: count }, (_, i) => first + i);
  const columns = Array.from({ length: shown.count }, (_, i) => shown.start + i);
  const [col, row] = marked.cursor;
  const isShown = row >= first && row < first + count && columns.includes(col);
  const cellId = ([col, row]: Place) => `${id}-${col}-${row}`;
  const menu = useHeadMenu({ area, columns: table.columns.length, col, headAt, onMenu });
  return (
    // biome-ignore lint/a11y/useSemanticElements: see ROLE
    <div
      ref={area}
      className="table-grid"
      role="grid"
      tabIndex={0}
      aria-label={table.name}
      aria-rowcount={rows + 1}
      aria-colcount={table.columns.length + 1}
      aria-readonly="true"
      aria-multiselectable="true"
      aria-activedescendant={isShown && rows > 0 ? cellId(marked.cursor) : undefined}
      data-testid="table-grid"
      onScroll={scroll.onScroll}
      onKeyDown={(event) => {
        if (menu.onKey(event)) event.preventDefault();
        else onKey(event, open, onGoTo, onFollow);
      }}
      onPointerDownCapture={menu.onPress}
      onContextMenu={menu.onContextMenu}
      {...events}
    >
      <div
        role="presentation"
        style={{ width: numbers + places.width, height: HEAD_PIXELS + scroll.barHeight }}
      >
        <div
          className="table-window"
          role="presentation"
          style={{ width, height: HEAD_PIXELS + height }}
        >
          <TableHead {...{ open, query, columns }} onMenu={menu.openBelow} />
          <div {...ROLE.group}>
            {shownRows.map((row) => (
              <Row key={row} {...{ open, looks, columns, cellId, row }} />
            ))}
          </div>
        </div>
      </div>
    </div>
  );
}

function onKey(
  event: KeyboardEvent,
  { rows, table, marked, page, windows, mark, reveal }: OpenTable,
  onGoTo: () => void,
  onFollow: (place: Place) => void,
): void {
  const isGoTo = event.key.toLowerCase() === "g" && (event.ctrlKey || event.metaKey);
  const intent = isGoTo ? undefined : readyIntent(event, false);
  if (isGoTo) onGoTo();
  else if (intent?.do === "follow") onFollow(marked.cursor);
  else {
    const filled = ([col, row]: Place) => {
      const value = windows.cell(row, col);
      return value === undefined ? undefined : value !== null && value !== "";
    };
    const shape = { rows, cols: table.columns.length, newRow: false, page, filled };
    const isEmpty = shape.rows === 0 || shape.cols === 0;
    const moved = intent === undefined || isEmpty ? undefined : performed(intent, marked, shape);
    if (moved === undefined) return;
    mark(moved.marked);
    reveal(moved.shown);
  }
  event.preventDefault();
}

interface RowProps {
  open: OpenTable;
  looks: Looks;
  columns: readonly number[];
  row: number;
  cellId: (place: Place) => string;
}

function Row({ open, looks, columns, row, cellId }: RowProps) {
  const { table, places, numbers, scroll, marked, windows, rows } = open;
  const area = areaOf(marked, rows, table.columns.length);
  return (
    <div
      className="table-row"
      {...ROLE.row(row + 2)}
      style={{ transform: `translateY(${HEAD_PIXELS + row * ROW_PIXELS - scroll.top}px)` }}
    >
      <div
        className="table-number"
        {...ROLE.cell("rowheader", 1)}
        data-marked={row >= area.row && row < area.row + area.height}
        style={{ width: numbers }}
      >
        <RowNumber position={positionOf(open, row, columns[0] ?? 0)} />
      </div>
      {columns.map((col) => {
        const isCursor = marked.cursor[0] === col && marked.cursor[1] === row;
        const width = places.widthOf(col);
        return (
          <div
            key={col}
            id={cellId([col, row])}
            className="table-cell"
            {...ROLE.cell("gridcell", col + 2)}
            {...{ "aria-selected": holds(area, [col, row]) }}
            data-cursor={isCursor}
            data-testid={`table-cell-${col}-${row}`}
            style={{ left: numbers + places.left(col) - scroll.left, width }}
          >
            <Value {...{ looks, col, width }} value={windows.cell(row, col)} />
          </div>
        );
      })}
    </div>
  );
}

/** The number of a row in the table, also where a view has it at another place. */
function RowNumber({ position }: { position: number | undefined }) {
  return position === undefined ? <span className="visually-hidden">Loading</span> : position + 1;
}

interface ValueProps {
  looks: Looks;
  value: CellValue | undefined;
  col: number;
  width: number;
}

/** A value that is not loaded is a grey bar. */
function Value({ looks, value, col, width }: ValueProps) {
  if (value === undefined)
    return (
      <span className="table-loading">
        <span className="visually-hidden">Loading</span>
      </span>
    );
  if (typeof value === "boolean") return <Box checked={value} />;
  const text = looks.text(value, col, width);
  const misfit = looks.misfit(value, col);
  const look = [
    "table-text",
    typeof value === "number" ? "number" : "",
    misfit === undefined ? "" : "misfit",
    looks.link(value, col) === undefined ? "" : "link",
  ];
  const title = misfit === undefined ? undefined : `Does not fit: ${misfit}`;
  return (
    <span className={look.filter(Boolean).join(" ")} title={title}>
      {text}
    </span>
  );
}

function Box({ checked }: { checked: boolean }) {
  return (
    <span className="table-box" data-checked={checked}>
      {checked ? <Icon name={Check} size={12} /> : null}
      <span className="visually-hidden">{String(checked)}</span>
    </span>
  );
}
