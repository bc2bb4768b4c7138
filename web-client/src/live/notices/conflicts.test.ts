import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { Conflict_Reason, ConflictSchema } from "../../gen/gridloom/v1/values_pb.ts";
import { conflictNotice } from "./conflicts.ts";

function text(value: string) {
  return { kind: { case: "text" as const, value } };
}

const overwritten = create(ConflictSchema, {
  reason: Conflict_Reason.OVERWRITTEN,
  row: 6,
  col: 1,
  lost: text("mine"),
  kept: text("theirs"),
});

describe("a conflict notice", () => {
  it("is undefined without conflicts", () => {
    expect(conflictNotice([])).toBeUndefined();
  });

  it("names the cell, the lost value and the present one", () => {
    const notice = conflictNotice([overwritten]);
    expect(notice?.text).toBe("B7: someone wrote “theirs” over your “mine”.");
    expect(notice?.cells).toEqual([{ row: 6, col: 1, lost: "mine", kept: "theirs" }]);
  });

  it("names the other person where that is known", () => {
    const notice = conflictNotice([overwritten], "Ada");
    expect(notice?.text).toBe("B7: Ada wrote “theirs” over your “mine”.");
  });

  it("says that a cell was cleared, by whom it was", () => {
    const { reason, row, col, lost, kept } = overwritten;
    const cleared = create(ConflictSchema, { reason, row, col, lost });
    expect(conflictNotice([cleared])?.text).toBe("B7: someone cleared your “mine”.");
    const own = create(ConflictSchema, { reason, row, col, kept });
    expect(conflictNotice([own])?.text).toBe("B7: someone wrote “theirs” after you cleared it.");
  });

  it("offers no cell to restore when the line was deleted", () => {
    const gone = create(ConflictSchema, {
      reason: Conflict_Reason.LINE_DELETED,
      row: 6,
      col: 1,
      lost: { kind: { case: "number", value: 7 } },
    });
    const notice = conflictNotice([gone]);
    expect(notice?.text).toBe("Your “7” in B7 is gone: its row or column was deleted.");
    expect(notice?.cells).toEqual([]);
  });

  it("covers all conflicts of one frame", () => {
    expect(conflictNotice([overwritten, overwritten])?.text).toContain("2 cells");
  });
});
