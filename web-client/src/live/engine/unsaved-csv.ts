// Edits that a sheet no longer takes, as CSV text for the person to keep.

/** One cell with an edit that was not saved; `column` as the person sees it. */
export interface UnsavedCell {
  row: number;
  column: string;
  text: string;
}

function quoted(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

/** A line for each cell: its row, its column, what it was to hold. */
export function unsavedCsv(cells: readonly UnsavedCell[]): string {
  const lines = cells.map(({ row, column, text }) => [String(row), column, text]);
  return [["Row", "Column", "Value"], ...lines]
    .map((fields) => `${fields.map(quoted).join(",")}\n`)
    .join("");
}
