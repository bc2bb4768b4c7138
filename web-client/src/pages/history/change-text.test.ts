import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { ChangeRecordSchema } from "../../gen/gridloom/v1/history_pb.ts";
import { ChangeOrigin } from "../../gen/gridloom/v1/values_pb.ts";
import { summary } from "./change-text.ts";

describe("the summary of a change", () => {
  it("counts rows, columns and cells", () => {
    const change = create(ChangeRecordSchema, { rowsInserted: 3, cellsSet: 1 });
    expect(summary(change)).toBe("Inserted 3 rows, set 1 cell");
  });

  it("names the revision that was undone", () => {
    const origin = ChangeOrigin.UNDO;
    const change = create(ChangeRecordSchema, { origin, targetRevision: 7n, rowsDeleted: 2 });
    expect(summary(change)).toBe("Undid revision 7: deleted 2 rows");
  });

  it("says that a change has no effect", () => {
    expect(summary(create(ChangeRecordSchema))).toBe("No effect");
  });
});
