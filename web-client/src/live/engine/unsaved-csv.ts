// Unsaved edits as CSV text, for a person whose sheet no longer accepts them.

/** One cell with an unsaved edit; `column` is the name on the screen. */
export interface UnsavedCell {
  row: number;
  column: string;
  text: string;
}

function quoted(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

/** One line for each cell: row, column, value. */
export function unsavedCsv(cells: readonly UnsavedCell[]): string {
  const lines = cells.map(({ row, column, text }) => [String(row), column, text]);
  return [["Row", "Column", "Value"], ...lines]
    .map((fields) => `${fields.map(quoted).join(",")}\n`)
    .join("");
}
