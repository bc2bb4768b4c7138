// Marks in the corners of cells: at the upper right by the ids of their rows and columns, at the lower left where a value
// does not fit its column.
//
// Invariant: a mark is drawn with its cell, so it is where the cell is, also while lines move.
import type { DrawCellCallback, Item } from "@glideapps/glide-data-grid";
import { useMemo } from "react";
import { type Store, useStore } from "../../base/store.ts";
import { ColumnKind } from "../../gen/gridloom/v1/values_pb.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { useScheme } from "../../ui/theme/theme.ts";
import { drawCorner, drawSquare } from "./draw-corner.ts";
import { token } from "./theme.ts";

/** The ids of the rows with a marked cell, by the id of the column. */
export type Corners = ReadonlyMap<string, ReadonlySet<bigint>>;

interface Marking {
  isMarked: (cell: Item) => boolean;
  /** Draws the marks; undefined while there can be none. */
  drawCell: DrawCellCallback | undefined;
}

export function useCorners(sheet: LiveSheet, store: Store<Corners>): Marking {
  const corners = useStore(store);
  const { columns } = useStore(sheet.layout);
  const scheme = useScheme();
  return useMemo(() => {
    void scheme;
    const isMarked = ([col, row]: Item) => {
      const rows = corners.get(columns[col]?.id ?? "");
      return rows?.has(sheet.rowIds({ start: row, count: 1 })[0] ?? 0n) ?? false;
    };
    if (corners.size === 0 && columns.every(({ kind }) => kind <= ColumnKind.ANY))
      return { isMarked, drawCell: undefined };
    const color = token("--warning");
    const drawCell: DrawCellCallback = ({ ctx, rect, col, row, cell }, drawContent) => {
      drawContent();
      // See `gridCell`: a value that does not fit has its own color.
      if (cell.themeOverride?.textDark === color) drawSquare(ctx, rect, color);
      if (!isMarked([col, row])) return;
      drawCorner(ctx, rect, color);
    };
    return { isMarked, drawCell };
  }, [sheet, corners, columns, scheme]);
}
