// The rows that the page of a file shows, for its other parts: which table, and which of its rows in which order.
//
// Invariant: the view is one that the rows on the screen are of; while another one is being made, `isMaking` is true.
import { Store } from "../../../base/store.ts";
import type { Table } from "../../../gen/gridloom/v1/tables_pb.ts";

export interface CurrentRows {
  fileId: string;
  /** With its number, its columns and the reading that has made it. */
  table: Table;
  /** The id of the view; empty: the table itself. */
  viewId: string;
  /** Rows of the view, or of the table. */
  rows: number;
  /** The person has asked for other rows, which are not there yet. */
  isMaking: boolean;
}

/** Undefined while no table is on the screen. */
export const currentRows = new Store<CurrentRows | undefined>(undefined);
