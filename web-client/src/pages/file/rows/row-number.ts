// The number of a row as a person types it.

/** The position of a row, from 0; undefined for a text that is the number of no row. Groups of digits may be divided. */
export function rowOf(text: string, rows: number): number | undefined {
  const digits = text.replace(/[\s,.'’_]/g, "");
  const row = /^\d+$/.test(digits) ? Number(digits) : 0;
  return row >= 1 && row <= rows ? row - 1 : undefined;
}
