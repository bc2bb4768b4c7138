// The names of cells, and the order of comments by their cells.
import { count } from "../../base/text.ts";
import { columnTitle } from "../../cells/column-names.ts";
import type { Comment } from "../../gen/gridloom/v1/comments_pb.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { colOf } from "../../live/view/cell-id.ts";
import type { Cell } from "../../live/view/people.ts";
import type { Layout } from "../../live/view/sheet-view.ts";

/** "Price · row 3". */
export function cellName({ columns }: Pick<Layout, "columns">, { row, col }: Cell): string {
  return `${columnTitle(columns[col], col)} · row ${count(row + 1)}`;
}

/** Where the cell of a comment is; a missing part is deleted. */
export interface Place {
  row: number | undefined;
  col: number | undefined;
}

type Anchor = Pick<Comment, "rowId" | "columnId" | "row" | "column">;

/** The place now: of a loaded row as the view has it, of others as the server has last reported it. */
export function placeOf(
  sheet: Pick<LiveSheet, "rowOf">,
  { columns }: Pick<Layout, "columns">,
  { rowId, columnId, row }: Anchor,
): Place {
  return { row: sheet.rowOf(rowId) ?? row, col: colOf(columns, columnId) };
}

export function isThere(place: Place): place is Cell {
  return place.row !== undefined && place.col !== undefined;
}

/** What is deleted of the place of a comment. */
export function goneText({ row, col }: Place): string {
  if (row === undefined && col === undefined) return "Deleted row and column";
  return row === undefined ? "Deleted row" : "Deleted column";
}

export interface Placed<T> {
  comment: T;
  place: Place;
}

export interface Sections<T> {
  there: readonly (Placed<T> & { place: Cell })[];
  /** Those whose row or column is deleted. */
  gone: readonly Placed<T>[];
}

/** Comments by row and column, and apart from them those whose cell is deleted; of one cell, the oldest first. */
export function inOrder<T>(all: readonly T[], place: (comment: T) => Place): Sections<T> {
  const placed = all.map((comment) => ({ comment, place: place(comment) }));
  const there = placed.flatMap(({ comment, place }) =>
    isThere(place) ? [{ comment, place }] : [],
  );
  there.sort((a, b) => a.place.row - b.place.row || a.place.col - b.place.col);
  return { there, gone: placed.filter(({ place }) => !isThere(place)) };
}
