// Looks now and then for edits that another tab has left behind since this one was opened: it was
// still closing then, or has crashed.

/** Milliseconds until the first look: a tab that closes needs a moment. */
const FIRST_MILLIS = 3_000;
const AGAIN_MILLIS = 20_000;

/** Adopts what `find` finds, until it is called off. */
export function adoptLater<T>(
  find: () => Promise<readonly T[]>,
  adopt: (found: T) => void,
  after: (millis: number, then: () => void) => () => void,
): () => void {
  let stopped = false;
  let cancel: () => void = () => undefined;
  const look = async () => {
    // A browser that keeps nothing has nothing to adopt.
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
