// The head of the list of transfers, and which of many are shown.
import { plural } from "../../base/text.ts";
import type { Transfer, TransferState } from "./transfers/transfer.ts";

type Counts = Record<TransferState["what"], number>;

/** How many transfers are in each state. */
export function countsOf(transfers: readonly Pick<Transfer, "state">[]): Counts {
  const counts: Counts = { queued: 0, running: 0, failed: 0, done: 0 };
  for (const { state } of transfers) counts[state.what]++;
  return counts;
}

/** "2 of 5 files are complete, 1 has failed." It changes when a transfer ends, so that a screen reader announces that. */
export function headOf(transfers: readonly Pick<Transfer, "state">[]): string {
  const { done, failed } = countsOf(transfers);
  const all = transfers.length;
  const isAre = all === 1 ? "is" : "are";
  const complete =
    done === all
      ? `${plural(all, "file")} ${isAre} complete`
      : `${done} of ${plural(all, "file")} ${isAre} complete`;
  return failed === 0 ? complete : `${complete}, ${failed} ${failed === 1 ? "has" : "have"} failed`;
}

/** What needs the person comes first, then what moves, what waits, and what is done. */
const URGENCY: Readonly<Record<TransferState["what"], number>> = {
  failed: 0,
  running: 1,
  queued: 2,
  done: 3,
};

/** Of many transfers those that matter most; of the same state the oldest, and of those that are done the newest. */
export function mostUrgent(transfers: readonly Transfer[], most: number): Transfer[] {
  const done = transfers.filter(({ state }) => state.what === "done").reverse();
  const others = transfers.filter(({ state }) => state.what !== "done");
  const urgency = ({ state }: Transfer) => URGENCY[state.what];
  return [...others, ...done].sort((a, b) => urgency(a) - urgency(b)).slice(0, most);
}
