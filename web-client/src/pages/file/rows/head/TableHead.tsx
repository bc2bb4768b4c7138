// The head of a table: the names of the columns on the screen, how the rows are sorted and filtered by them, and their menus.
import { ArrowDown, ArrowUp, ListFilter } from "lucide-react";
import { columnLetters } from "../../../../cells/column-names.ts";
import type { TableColumn } from "../../../../gen/gridloom/v1/tables_pb.ts";
import { KINDS } from "../../../../grid/draw/columns.ts";
import { Icon } from "../../../../ui/Icon.tsx";
import type { Query } from "../../query/query.ts";
import { ROLE } from "../grid-roles.ts";
import { areaOf } from "../marked.ts";
import type { OpenTable } from "../use-table.ts";

const LABELS = new Map(KINDS.map(({ kind, label }) => [kind, label]));

interface TableHeadProps {
  open: OpenTable;
  query: Query;
  /** The columns on the screen. */
  columns: readonly number[];
  onMenu: (col: number) => void;
}

export function TableHead({ open, query, columns, onMenu }: TableHeadProps) {
  const { table, places, numbers, scroll, marked, rows } = open;
  const area = areaOf(marked, rows, table.columns.length);
  return (
    <div {...ROLE.group}>
      <div className="table-row table-head" {...ROLE.row(1)}>
        <div className="table-number" {...ROLE.cell("columnheader", 1)} style={{ width: numbers }}>
          <span className="visually-hidden">Row</span>
        </div>
        {columns.map((col) => (
          <div
            key={col}
            className="table-cell"
            {...ROLE.cell("columnheader", col + 2)}
            {...labelled(query, col, table.columns[col]?.name || columnLetters(col))}
            data-head={col}
            data-marked={col >= area.col && col < area.col + area.width}
            title={aboutOf(table.columns[col], col)}
            style={{
              left: numbers + places.left(col) - scroll.left,
              width: places.widthOf(col),
            }}
          >
            <Name
              {...{ query, col, onMenu }}
              title={table.columns[col]?.name || columnLetters(col)}
            />
            <span className="table-resize" data-resize={col} aria-hidden="true" />
          </div>
        ))}
      </div>
    </div>
  );
}

function aboutOf(column: TableColumn | undefined, col: number): string {
  const { name = "", kind = 0, fileType = "" } = column ?? {};
  return [name || columnLetters(col), LABELS.get(kind), fileType].filter(Boolean).join(" · ");
}

/** Of several levels the most important one is named: only one head of a grid may have an order. */
function labelled({ order: [first] }: Query, col: number, title: string) {
  const label = { "aria-label": title };
  if (first?.col !== col) return label;
  return { ...label, "aria-sort": first.descending ? "descending" : "ascending" } as const;
}

interface NameProps {
  query: Query;
  col: number;
  title: string;
  onMenu: (col: number) => void;
}

function Name({ query, col, title, onMenu }: NameProps) {
  const level = query.order.find((level) => level.col === col);
  const isFiltered = query.conditions.some((condition) => condition.col === col);
  return (
    <>
      <span className="table-text">{title}</span>
      {isFiltered ? <Icon name={ListFilter} size={14} /> : null}
      {level === undefined ? null : (
        <Icon name={level.descending ? ArrowDown : ArrowUp} size={14} />
      )}
      <button
        type="button"
        className="table-menu"
        // Keys open it from the grid, which keeps the focus.
        tabIndex={-1}
        aria-label={`Sort and filter by ${title}`}
        aria-haspopup="menu"
        aria-keyshortcuts="Alt+ArrowDown"
        title="Sort and filter (Alt ↓)"
        data-menu={col}
        data-testid={`table-menu-${col}`}
        onMouseDown={(event) => event.preventDefault()}
        onClick={() => onMenu(col)}
      >
        <Icon name="chevronDown" size={14} />
      </button>
    </>
  );
}
