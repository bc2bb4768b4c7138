import { expect, test } from "vitest";
import { FileOrder } from "../../gen/gridloom/v1/files_pb.ts";
import { NEWEST, sortedBy } from "./sorting.ts";

test("a column sorts in its usual order first, and the other way round after that", () => {
  const byName = sortedBy(FileOrder.NAME, NEWEST);
  expect(byName).toEqual({ order: FileOrder.NAME, descending: false });
  expect(sortedBy(FileOrder.NAME, byName)).toEqual({ order: FileOrder.NAME, descending: true });
  expect(sortedBy(FileOrder.SIZE, byName)).toEqual({ order: FileOrder.SIZE, descending: true });
  expect(sortedBy(FileOrder.CREATED, NEWEST).descending).toBe(false);
});
