import { expect, test } from "vitest";
import { unsavedCsv } from "./unsaved-csv.ts";

test("each cell is one line, with quotes where CSV needs them", () => {
  const cells = [
    { row: 1, column: "Item", text: "bolts" },
    { row: 20, column: "Note, long", text: 'say "hi"\nand go' },
  ];
  expect(unsavedCsv(cells)).toBe(
    'Row,Column,Value\n1,Item,bolts\n20,"Note, long","say ""hi""\nand go"\n',
  );
});
