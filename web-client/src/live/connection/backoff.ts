// How long to wait before the next attempt.
//
// Doubling keeps a server that is down from being flooded; the jitter spreads the clients of a server
// that comes back, which all lost it at the same moment.

const FIRST_MILLIS = 250;
const LONGEST_MILLIS = 15_000;

/** The wait after `failures` failed attempts in a row (1 or more): between half and all of its step. */
export function backoffMillis(failures: number, random: () => number): number {
  const step = Math.min(LONGEST_MILLIS, FIRST_MILLIS * 2 ** Math.min(failures - 1, 16));
  return Math.round(step * (0.5 + random() / 2));
}
