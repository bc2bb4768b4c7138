// How the panes share the width of the window: fractions whose sum is 1.
//
// Invariant: no pane is narrower than LEAST_SHARE of the width that it has among equal panes.
import { readItem, writeItem } from "../../../base/storage.ts";

/** The least width of a pane, as a part of the width that equal panes have. */
const LEAST_SHARE = 0.4;

export type Shares = readonly number[];

export function equal(count: number): Shares {
  return Array.from({ length: count }, () => 1 / count);
}

/** The least share of a pane among so many. */
export function least(count: number): number {
  return LEAST_SHARE / count;
}

/** Moves the border at the left of pane `at`; only the two panes beside it change. */
export function moveBorder(shares: Shares, at: number, by: number): Shares {
  const [left, right] = [shares[at - 1], shares[at]];
  if (left === undefined || right === undefined) return shares;
  const smallest = least(shares.length);
  const moved = Math.min(right - smallest, Math.max(smallest - left, by));
  return shares.with(at - 1, left + moved).with(at, right - moved);
}

/** Gives the two panes beside a border the same width. */
export function evenOut(shares: Shares, at: number): Shares {
  const [left, right] = [shares[at - 1] ?? 0, shares[at] ?? 0];
  return moveBorder(shares, at, (right - left) / 2);
}

/** The share of the left pane among the two beside a border, in percent: now, at least, at most. */
export function percents(shares: Shares, at: number): { now: number; least: number; most: number } {
  const both = (shares[at - 1] ?? 0) + (shares[at] ?? 0);
  const percent = (share: number) => Math.round((100 * share) / both);
  const smallest = least(shares.length);
  return {
    now: percent(shares[at - 1] ?? 0),
    least: percent(smallest),
    most: percent(both - smallest),
  };
}

const item = (count: number) => `gridloom.panes/${count}`;

/** Parses stored shares; equal ones when there are none, or they break a rule. */
export function parseShares(text: string | null, count: number): Shares {
  const shares = (text ?? "").split(" ").map(Number);
  const sum = shares.reduce((all, share) => all + share, 0);
  // A rounding error is no broken rule.
  const fits = shares.every((share) => share >= least(count) - 0.001) && Math.abs(sum - 1) < 0.01;
  return shares.length === count && fits ? shares : equal(count);
}

export function storedShares(count: number): Shares {
  return parseShares(readItem(item(count)), count);
}

export function storeShares(shares: Shares): void {
  writeItem(item(shares.length), shares.map((share) => share.toFixed(4)).join(" "));
}
