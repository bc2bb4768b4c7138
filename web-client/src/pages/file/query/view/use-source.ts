// The rows on the screen: those that are asked for, and until they are there those of before.
import { useEffect, useRef } from "react";
import type { Table } from "../../../../gen/gridloom/v1/tables_pb.ts";
import { currentRows } from "../current.ts";
import type { ViewState } from "./view-state.ts";

/** The rows that are shown. */
export interface Source {
  /** The id of the view whose rows they are; empty: those of the table itself. */
  viewId: string;
  rows: number;
}

/** Nothing was shown before: the page was opened at a query. */
const NOTHING: Source = { viewId: "", rows: 0 };

function sourceOf(table: Table, state: ViewState): Source | undefined {
  if (state.is === "table") return { viewId: "", rows: Number(table.rows) };
  return state.is === "ready" ? { viewId: state.view.id, rows: state.view.rows } : undefined;
}

export interface Shown {
  source: Source;
  /** They are those of before, or none. */
  isFormer: boolean;
}

export function useSource(fileId: string, table: Table, state: ViewState): Shown {
  const last = useRef<Source>(undefined);
  const asked = sourceOf(table, state);
  if (asked !== undefined) last.current = asked;
  const source = asked ?? last.current ?? NOTHING;
  const isFormer = asked === undefined;
  const { viewId, rows } = source;
  useEffect(() => {
    currentRows.set({ fileId, table, viewId, rows, isMaking: isFormer });
  }, [fileId, table, viewId, rows, isFormer]);
  useEffect(() => () => currentRows.set(undefined), []);
  return { source, isFormer };
}
