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
import { linkOf } from "../links/follow.ts";
import { gridCell } from "./cells.ts";
import { columnForms } from "./column-forms.ts";
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
  const [warning, accent] = useMemo(() => {
    void scheme;
    return [token("--warning"), token("--accent")];
  }, [scheme]);
  const user = useStore(session);
  const decimal = useMemo(() => {
    void user;
    return decimalMark();
  }, [user]);
  const locale = user?.locale;
  const forms = useMemo(() => {
    // Days are written by it, too: the grid draws them again.
    void locale;
    return columnForms(sheet, columns);
  }, [sheet, columns, locale]);
  const drawn = useMemo(
    () => gridColumns(columns, canEdit, resizing),
    [columns, canEdit, resizing],
  );
  const getCellContent = useCallback(
    ([col, row]: Item) => {
      void version;
      const column = columns[col];
      const kind = column?.kind ?? 0;
      const value = sheet.cell(row, col);
      const isMisfit = kind > ColumnKind.ANY && sheet.misfit(row, col) !== undefined;
      const plain = linkOf(value, kind) === undefined ? undefined : accent;
      return gridCell(value, {
        kind,
        width: column === undefined ? DEFAULT_WIDTH : columnWidth(column),
        canEdit,
        decimal,
        changedAt: sheet.flashes.when(row, col),
        shown: value === undefined ? undefined : forms[col]?.shown(value),
        color: isMisfit ? warning : plain,
      });
    },
    [sheet, columns, canEdit, decimal, forms, version, warning, accent],
  );
  return { columns: drawn, rows: rowCount, getCellContent, highlightRegions: regions };
}
