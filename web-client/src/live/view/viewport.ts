// Computes the window of rows to load: the rows on the screen with a margin, in steps, so that not every
// scrolled pixel causes a request.

/** A range of rows. */
export interface Rows {
  start: number;
  count: number;
}

/** The least margin on each side, in rows. */
const LEAST_MARGIN_ROWS = 100;
/** Windows start and end on multiples of this, so that a small scroll requests no rows. */
const STEP_ROWS = 50;

/** The window for the visible rows: they have a margin of at least one screen on both sides. */
export function windowFor(visible: Rows): Rows {
  const margin = Math.max(LEAST_MARGIN_ROWS, visible.count);
  const first = Math.floor(Math.max(0, visible.start - margin) / STEP_ROWS) * STEP_ROWS;
  const last = Math.ceil((visible.start + visible.count + margin) / STEP_ROWS) * STEP_ROWS;
  return { start: first, count: last - first };
}

/** True while the window still has half of its margin around the visible rows. */
export function windowServes(window: Rows, visible: Rows): boolean {
  const margin = Math.max(LEAST_MARGIN_ROWS, visible.count) / 2;
  const above = window.start === 0 || window.start <= visible.start - margin;
  return above && window.start + window.count >= visible.start + visible.count + margin;
}
