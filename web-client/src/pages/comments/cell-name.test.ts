import { expect, test } from "vitest";
import { goneText, inOrder, placeOf } from "./cell-name.ts";

const layout = { columns: [{ id: "a" }, { id: "b" }] as never };
const comment = (rowId: bigint, columnId: string, row?: number) =>
  ({ rowId, columnId, ...(row === undefined ? {} : { row }) }) as never;

test("a loaded row is where the view has it, another one where the server has it", () => {
  const sheet = { rowOf: (id: bigint) => (id === 1n ? 7 : undefined) };
  expect(placeOf(sheet, layout, comment(1n, "b", 2))).toEqual({ row: 7, col: 1 });
  expect(placeOf(sheet, layout, comment(2n, "a", 40))).toEqual({ row: 40, col: 0 });
  expect(placeOf(sheet, layout, comment(2n, "z"))).toEqual({ row: undefined, col: undefined });
});

test("comments stand in the order of their cells, and those of deleted cells apart", () => {
  const places = new Map([
    ["late", { row: 9, col: 0 }],
    ["second", { row: 1, col: 1 }],
    ["no row", { row: undefined, col: 0 }],
    ["first", { row: 1, col: 0 }],
    ["third", { row: 1, col: 1 }],
  ]);
  const { there, gone } = inOrder([...places.keys()], (name) => places.get(name) ?? ({} as never));
  expect(there.map(({ comment }) => comment)).toEqual(["first", "second", "third", "late"]);
  expect(gone.map(({ comment }) => comment)).toEqual(["no row"]);
});

test("a deleted place names what is deleted", () => {
  expect(goneText({ row: undefined, col: 1 })).toBe("Deleted row");
  expect(goneText({ row: 1, col: undefined })).toBe("Deleted column");
  expect(goneText({ row: undefined, col: undefined })).toBe("Deleted row and column");
});
