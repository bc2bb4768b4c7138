// A table on the screen: its rows, or those of a view that a person has asked for; above them what was asked for, and below them
// their number, the selection, and the field to go to a row.
import { type RefObject, useCallback, useEffect, useRef, useState } from "react";
import { reasonOf } from "../../../api/reasons.ts";
import { useStore } from "../../../base/store.ts";
import { count, plural } from "../../../base/text.ts";
import { columnLetters } from "../../../cells/column-names.ts";
import type { Table } from "../../../gen/gridloom/v1/tables_pb.ts";
import { Button } from "../../../ui/Button.tsx";
import { showToast } from "../../../ui/toasts.ts";
import { useDecimalMark } from "../../shared/use-decimal-mark.ts";
import { useTableQuery } from "../query/address/use-query.ts";
import { QueryBar } from "../query/chips/QueryBar.tsx";
import { type Over, QueryOver } from "../query/QueryOver.tsx";
import { queryProblem } from "../query/view/query-problem.ts";
import { useSource } from "../query/view/use-source.ts";
import { useView, type Viewed } from "../query/view/use-view.ts";
import { ViewState } from "../query/view/ViewState.tsx";
import { GoToRow } from "./GoToRow.tsx";
import { areaOf, type Place } from "./marked.ts";
import { TableGrid } from "./TableGrid.tsx";
import { useCopy } from "./use-copy.ts";
import { type Looks, useLooks } from "./use-looks.ts";
import { type OpenTable, positionOf, useTable } from "./use-table.ts";
import "../../../styles/query.css";

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
  const [over, setOver] = useState<Over>();
  const { query, ask } = useTableQuery(table);
  const viewed = useView(fileId, table, query);
  const { source, isFormer } = useSource(fileId, table, viewed.state);
  const open = useTable(fileId, table, source, area);
  const looks = useLooks(table.columns);
  const decimal = useDecimalMark() ?? ".";
  useCopy(open, area);
  const focus = useCallback(() => area.current?.focus({ preventScroll: true }), []);
  useEffect(focus, [focus]);
  const onFollow = (place: Place) => {
    const href = linkAt(open, looks, place);
    if (href !== undefined) openLink(href);
  };
  const goTo = (row: number) => {
    open.goTo(row);
    focus();
  };
  const onEdit = (at: number) =>
    setOver({ what: "filter", col: query.conditions[at]?.col ?? 0, at });
  return (
    <section className="table-view" data-testid="table-view">
      <QueryBar
        {...{ columns: table.columns, query, decimal, onEdit }}
        onChange={ask}
        onLeave={focus}
      >
        <ViewState viewed={viewed} total={Number(table.rows)} hasFormer={open.rows > 0} />
      </QueryBar>
      <Problem {...{ open, viewed, onChanged }} />
      <div className="table-room">
        <TableGrid
          {...{ open, looks, query, area, onFollow }}
          onMenu={(col, at) => setOver({ what: "menu", col, at })}
          onGoTo={() => field.current?.focus()}
        />
        {open.rows === 0 && !isFormer ? <p className="table-empty">{emptyText(open)}</p> : null}
      </div>
      <Foot {...{ open, looks, field }} onGo={goTo} />
      {over === undefined ? null : (
        <QueryOver {...{ fileId, table, query, ask, over }} onOver={setOver} />
      )}
    </section>
  );
}

function emptyText({ source }: OpenTable): string {
  return source.viewId === "" ? "This table has no rows." : "No row matches.";
}

interface FootProps {
  open: OpenTable;
  looks: Looks;
  field: RefObject<HTMLInputElement | null>;
  onGo: (row: number) => void;
}

function Foot({ open, looks, field, onGo }: FootProps) {
  const { rows, table, source } = open;
  return (
    <footer className="foot">
      <span className="foot-size" data-testid="table-size" data-rows={rows}>
        {`${plural(rows, "row")} · ${plural(table.columns.length, "column")}`}
      </span>
      <span className="foot-selection" data-testid="table-selection">
        {describe(open)}
      </span>
      <About open={open} looks={looks} />
      <span className="space" />
      <GoToRow {...{ rows, field, onGo }} isView={source.viewId !== ""} />
    </footer>
  );
}

interface ProblemProps {
  open: OpenTable;
  viewed: Viewed;
  onChanged: () => void;
}

/** A view that is gone is made again without a question, at most once in this time. */
const AGAIN_MILLIS = 60_000;

/** Why rows on the screen do not load. */
function Problem({ open: { windows }, viewed, onChanged }: ProblemProps) {
  const error = useStore(windows.problem);
  const { state, again } = viewed;
  const asked = state.is === "failed" ? state.error : undefined;
  const isChanged = [error, asked].some((it) => it !== undefined && isOf(it, "TABLE_CHANGED"));
  const isGone = error !== undefined && isOf(error, "VIEW_GONE");
  const made = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    if (!isChanged) return;
    showToast("info", "This file was read again: these are its new rows.");
    onChanged();
  }, [isChanged, onChanged]);
  useEffect(() => {
    if (!isGone || performance.now() - made.current < AGAIN_MILLIS) return;
    made.current = performance.now();
    again();
  }, [isGone, again]);
  if (error === undefined || isChanged || (isGone && state.is === "making")) return null;
  return (
    <div className="banner" role="alert" data-testid="table-problem">
      <p>{queryProblem(error)}</p>
      <Button onClick={() => (isGone ? again() : windows.again())}>Try again</Button>
    </div>
  );
}

function isOf(error: unknown, reason: string): boolean {
  return reasonOf(error).name === reason;
}

function describe(open: OpenTable): string {
  const { table, rows, marked } = open;
  const { row, col, height, width } = areaOf(marked, rows, table.columns.length);
  if (height * width === 0) return "";
  if (marked.whole === "rows") return `${plural(height, "row")} selected`;
  if (marked.whole === "cols") return `${plural(width, "column")} selected`;
  if (height > 1 || width > 1) return `${count(height)} × ${count(width)} selected`;
  const position = positionOf(open, row, col);
  const at = position === undefined ? "" : `, row ${count(position + 1)}`;
  return `${table.columns[col]?.name || columnLetters(col)}${at}`;
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
