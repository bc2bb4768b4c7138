// Fits a block of cells to the selection that it is pasted into.

/** Repeats the rows when the selection is an exact multiple of them; otherwise returns them as they are. */
export function tile<T>(rows: readonly (readonly T[])[], height: number, width: number): T[][] {
  const ownHeight = rows.length;
  const ownWidth = rows.reduce((most, row) => Math.max(most, row.length), 0);
  const fills = ownHeight > 0 && ownWidth > 0 && height % ownHeight === 0 && width % ownWidth === 0;
  const [h, w] = fills ? [height, width] : [ownHeight, ownWidth];
  return Array.from({ length: h }, (_, y) => {
    const row = rows[y % ownHeight] ?? [];
    return fills ? Array.from({ length: w }, (_, x) => row[x % ownWidth] as T) : [...row];
  });
}
