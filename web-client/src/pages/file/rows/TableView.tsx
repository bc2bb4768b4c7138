// A table on the screen: its rows, and below them its size, the selection, and the field to go to a row.
import { useEffect, useRef } from "react";
import { reasonOf } from "../../../api/reasons.ts";
import { useStore } from "../../../base/store.ts";
import { count, plural } from "../../../base/text.ts";
import { columnLetters } from "../../../cells/column-names.ts";
import type { Table } from "../../../gen/gridloom/v1/tables_pb.ts";
import { Button } from "../../../ui/Button.tsx";
import { fileProblem } from "../../files/problems/file-problem.ts";
import { GoToRow } from "./GoToRow.tsx";
import { areaOf, type Place } from "./marked.ts";
import { TableGrid } from "./TableGrid.tsx";
import { useCopy } from "./use-copy.ts";
import { type Looks, useLooks } from "./use-looks.ts";
import { type OpenTable, useTable } from "./use-table.ts";

interface TableViewProps {
  fileId: string;
  table: Table;
  /** The file was read again since. */
  onChanged: () => void;
}

function openLink(href: string): void {
  const link = document.createElement("a");
  Object.assign(link, { href, target: "_blank", rel: "noopener noreferrer" });
  link.click();
}

function linkAt(open: OpenTable, looks: Looks, [col, row]: Place): string | undefined {
  const value = open.windows.cell(row, col);
  return value === undefined ? undefined : looks.link(value, col);
}

export function TableView({ fileId, table, onChanged }: TableViewProps) {
  const area = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const open = useTable(fileId, table, area);
  const looks = useLooks(table.columns);
  useCopy(open, area);
  useEffect(() => area.current?.focus({ preventScroll: true }), []);
  const onFollow = (place: Place) => {
    const href = linkAt(open, looks, place);
    if (href !== undefined) openLink(href);
  };
  const goTo = (row: number) => {
    open.goTo(row);
    area.current?.focus({ preventScroll: true });
  };
  return (
    <section className="table-view" data-testid="table-view">
      <Problem open={open} onChanged={onChanged} />
      <div className="table-room">
        <TableGrid {...{ open, looks, area, onFollow }} onGoTo={() => field.current?.focus()} />
        {open.rows === 0 ? <p className="table-empty">This table has no rows.</p> : null}
      </div>
      <footer className="foot">
        <span className="foot-size" data-testid="table-size" data-rows={open.rows}>
          {`${plural(open.rows, "row")} · ${plural(table.columns.length, "column")}`}
        </span>
        <span className="foot-selection" data-testid="table-selection">
          {describe(open)}
        </span>
        <About open={open} looks={looks} />
        <span className="space" />
        <GoToRow rows={open.rows} field={field} onGo={goTo} />
      </footer>
    </section>
  );
}

/** Why rows on the screen do not load. */
function Problem({ open: { windows }, onChanged }: { open: OpenTable; onChanged: () => void }) {
  const error = useStore(windows.problem);
  const isChanged = error !== undefined && reasonOf(error).name === "TABLE_CHANGED";
  useEffect(() => {
    if (isChanged) onChanged();
  }, [isChanged, onChanged]);
  if (error === undefined || isChanged) return null;
  return (
    <div className="banner" role="alert" data-testid="table-problem">
      <p>{fileProblem(error)}</p>
      <Button onClick={() => windows.again()}>Try again</Button>
    </div>
  );
}

function describe({ table, rows, marked }: OpenTable): string {
  const { row, col, height, width } = areaOf(marked, rows, table.columns.length);
  if (height * width === 0) return "";
  if (marked.whole === "rows") return `${plural(height, "row")} selected`;
  if (marked.whole === "cols") return `${plural(width, "column")} selected`;
  if (height > 1 || width > 1) return `${count(height)} × ${count(width)} selected`;
  return `${table.columns[col]?.name || columnLetters(col)}, row ${count(row + 1)}`;
}

/** What a single selected cell has beside its value. */
function About({ open, looks }: { open: OpenTable; looks: Looks }) {
  const { table, rows, marked, windows } = open;
  const { height, width } = areaOf(marked, rows, table.columns.length);
  const [col, row] = marked.cursor;
  const value = height * width === 1 ? windows.cell(row, col) : undefined;
  if (value === undefined) return null;
  const [misfit, link] = [looks.misfit(value, col), looks.link(value, col)];
  return (
    <>
      {misfit === undefined ? null : (
        <span className="foot-misfit" data-testid="table-misfit" title={misfit}>
          Does not fit: {misfit}
        </span>
      )}
      {link === undefined ? null : (
        <a className="link" href={link} target="_blank" rel="noopener noreferrer">
          {link.startsWith("mailto:") ? "Write an e-mail" : "Open the link"}
        </a>
      )}
    </>
  );
}
