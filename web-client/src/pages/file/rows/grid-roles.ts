// The roles of a table, for elements that stand at places of their own: a browser would lay out those of HTML itself. The
// focus is on the grid alone.
export const ROLE = {
  group: { role: "rowgroup" },
  /** `index`: from 1, with the head. */
  row: (index: number) => ({ role: "row", "aria-rowindex": index }),
  /** `index`: from 1, with the row numbers. */
  cell: (role: "columnheader" | "rowheader" | "gridcell", index: number) => ({
    role,
    "aria-colindex": index,
  }),
} as const;
