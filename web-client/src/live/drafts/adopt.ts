// Adopts the drafts of tabs that have closed or crashed since this page was opened.

/** Milliseconds until the first search: a tab that is closing needs a moment. */
const FIRST_MILLIS = 3_000;
/** Milliseconds between two searches. */
const AGAIN_MILLIS = 20_000;

/** Calls `find` at intervals and adopts each result. Returns a function that stops it. */
export function adoptLater<T>(
  find: () => Promise<readonly T[]>,
  adopt: (found: T) => void,
  after: (millis: number, then: () => void) => () => void,
): () => void {
  let stopped = false;
  let cancel: () => void = () => undefined;
  const look = async () => {
    // A browser without storage has no drafts.
    const found = await find().catch(() => []);
    found.forEach(adopt);
    if (!stopped) cancel = after(AGAIN_MILLIS, () => void look());
  };
  cancel = after(FIRST_MILLIS, () => void look());
  return () => {
    stopped = true;
    cancel();
  };
}
