// Which rows to have loaded: what is on the screen, a margin around it, and not a request for every
// pixel that is scrolled.

/** A range of rows. */
export interface Rows {
  start: number;
  count: number;
}

/** Rows of margin on each side, at least. */
const LEAST_MARGIN_ROWS = 100;
/** Windows start and end on multiples of this, so that a small move asks for nothing new. */
const STEP_ROWS = 50;

/** The window for what is visible: a margin of a screen or more on both sides. */
export function windowFor(visible: Rows): Rows {
  const margin = Math.max(LEAST_MARGIN_ROWS, visible.count);
  const first = Math.floor(Math.max(0, visible.start - margin) / STEP_ROWS) * STEP_ROWS;
  const last = Math.ceil((visible.start + visible.count + margin) / STEP_ROWS) * STEP_ROWS;
  return { start: first, count: last - first };
}

/** True while a window still has half of its margin around what is visible. */
export function windowServes(window: Rows, visible: Rows): boolean {
  const margin = Math.max(LEAST_MARGIN_ROWS, visible.count) / 2;
  const above = window.start === 0 || window.start <= visible.start - margin;
  return above && window.start + window.count >= visible.start + visible.count + margin;
}
