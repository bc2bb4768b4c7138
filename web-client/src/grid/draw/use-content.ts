// The content that the grid draws: columns, cells, and the selections of other people.
//
// Invariant: each visible change gives the grid a new function or list; that makes it draw again.
import type { GridCell, GridColumn, Highlight, Item } from "@glideapps/glide-data-grid";
import { useCallback, useMemo } from "react";
import { session } from "../../api/session.ts";
import { useStore } from "../../base/store.ts";
import { ColumnKind } from "../../gen/gridloom/v1/values_pb.ts";
import { decimalMark } from "../../live/engine/engine.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { useScheme } from "../../ui/theme/theme.ts";
import { gridCell } from "./cells.ts";
import { columnWidth, DEFAULT_WIDTH, gridColumns } from "./columns.ts";
import { peopleRegions } from "./people-regions.ts";
import { token } from "./theme.ts";

export interface Content {
  columns: GridColumn[];
  rows: number;
  getCellContent: (cell: Item) => GridCell;
  highlightRegions: Highlight[];
}

/** `resizing`: the widths of columns while their border is dragged. */
export function useContent(sheet: LiveSheet, resizing: ReadonlyMap<number, number>): Content {
  const { columns, rowCount, canEdit } = useStore(sheet.layout);
  const version = useStore(sheet.version);
  const people = useStore(sheet.people);
  const regions = useMemo(
    () => peopleRegions(people, rowCount, columns.length),
    [people, rowCount, columns.length],
  );
  const scheme = useScheme();
  const warning = useMemo(() => {
    void scheme;
    return token("--warning");
  }, [scheme]);
  const user = useStore(session);
  const decimal = useMemo(() => {
    void user;
    return decimalMark();
  }, [user]);
  const drawn = useMemo(
    () => gridColumns(columns, canEdit, resizing),
    [columns, canEdit, resizing],
  );
  const getCellContent = useCallback(
    ([col, row]: Item) => {
      void version;
      const column = columns[col];
      const kind = column?.kind ?? 0;
      return gridCell(sheet.cell(row, col), {
        kind,
        width: column === undefined ? DEFAULT_WIDTH : columnWidth(column),
        canEdit,
        decimal,
        changedAt: sheet.flashes.when(row, col),
        misfit: kind > ColumnKind.ANY && sheet.misfit(row, col) !== undefined ? warning : undefined,
      });
    },
    [sheet, columns, canEdit, decimal, version, warning],
  );
  return { columns: drawn, rows: rowCount, getCellContent, highlightRegions: regions };
}
