// The delay before the next attempt: exponential backoff with jitter.
//
// The doubling protects a server that is down from a flood of attempts. The jitter spreads the clients of a
// restarted server, because all of them lost it at the same moment.

const FIRST_MILLIS = 250;
const LONGEST_MILLIS = 15_000;

/** The delay after `failures` (1 or more) failed attempts in a row: between half and all of its step. */
export function backoffMillis(failures: number, random: () => number): number {
  const step = Math.min(LONGEST_MILLIS, FIRST_MILLIS * 2 ** Math.min(failures - 1, 16));
  return Math.round(step * (0.5 + random() / 2));
}
