// Which columns a preview of a wide table shows.

/** Columns of the source that are shown. */
const SOURCE_SHOWN = 20;

/** The positions of the first columns of the source, and of all new ones, which are the last `fresh` of `total`. */
export function shownColumns(total: number, fresh: number): readonly number[] {
  const source = Math.max(0, total - fresh);
  return Array.from({ length: total }, (_, at) => at).filter(
    (at) => at < SOURCE_SHOWN || at >= source,
  );
}
