// The interfaces between the grid and its page: what the page does for the grid, and the actions that
// keys, menus and buttons share.
import type { Item } from "@glideapps/glide-data-grid";
import type { ColumnKind } from "../../gen/gridloom/v1/values_pb.ts";
import type { Action } from "./shortcuts.ts";

/** A menu to open. */
export interface MenuRequest {
  at: { x: number; y: number };
  /** The column whose menu to open; without it, the menu of the selection. */
  col?: number;
}

/** Actions that the page carries out. */
export interface PageActions {
  renameColumn: (col: number) => void;
  /** Opens the settings of a column, with another kind if need be. */
  columnSettings: (col: number, kind?: ColumnKind) => void;
  /** Shows what becomes of the values of a column that gets another kind. */
  convertColumn: (col: number, kind: ColumnKind) => void;
  goToRow: () => void;
  help: () => void;
  /** Begins a comment on a cell. */
  comment: (cell: Item) => void;
  /** Copies a link to a cell. */
  copyLink: (cell: Item) => void;
  /** Selects a cell and scrolls to it. */
  goTo: (cell: Item) => void;
}

export interface GridActions extends PageActions {
  run: (action: Action) => void;
}
