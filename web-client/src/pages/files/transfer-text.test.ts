import { expect, test } from "vitest";
import { headOf, mostUrgent } from "./transfer-text.ts";
import type { Transfer, TransferState } from "./transfers/transfer.ts";

const STATES: Record<TransferState["what"], TransferState> = {
  queued: { what: "queued" },
  running: { what: "running", wait: undefined },
  failed: { what: "failed", problem: "full" },
  done: { what: "done", note: undefined },
};

function of(...states: TransferState["what"][]): Transfer[] {
  const file = { totalBytes: 1, doneBytes: 0, uploadId: "" };
  return states.map((what, at) => ({
    ...file,
    id: `${at} ${what}`,
    name: `${at}`,
    state: STATES[what],
  }));
}

test("the head counts what is complete, and what has failed", () => {
  expect(headOf(of("running"))).toBe("0 of 1 file is complete");
  expect(headOf(of("running", "done", "queued"))).toBe("1 of 3 files are complete");
  expect(headOf(of("done", "failed", "failed"))).toBe("1 of 3 files are complete, 2 have failed");
  expect(headOf(of("done", "done"))).toBe("2 files are complete");
});

test("what failed comes first, then what moves, what waits, and what was completed last", () => {
  const shown = mostUrgent(of("done", "queued", "running", "done", "failed", "queued"), 5);
  expect(shown.map(({ id }) => id)).toEqual([
    "4 failed",
    "2 running",
    "1 queued",
    "5 queued",
    "3 done",
  ]);
});
