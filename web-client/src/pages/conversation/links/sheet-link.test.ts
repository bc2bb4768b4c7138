import { describe, expect, it } from "vitest";
import { withAddress } from "./LinkButton.tsx";
import { type Found, linkText, oneLine, sheetLink } from "./sheet-link.ts";

const HERE = "https://grid.example";
const ID = "01a22786-8825-7382-9786-735f66ff8f3c";

describe("a link to a sheet", () => {
  it("is an address of this server", () => {
    expect(sheetLink(`${HERE}/sheets/${ID}?cell=12.3&panel=chat`, HERE)).toEqual({
      sheetId: ID,
      cell: { rowId: 12n, columnId: "3" },
      path: `/sheets/${ID}?cell=12.3&panel=chat`,
    });
    expect(sheetLink(`${HERE}/sheets/${ID}`, HERE)?.cell).toBeUndefined();
  });

  it.each([
    `https://other.example/sheets/${ID}`,
    `http://grid.example/sheets/${ID}`,
    `${HERE}/sheets/${ID}/more`,
    `${HERE}/sheets/plan`,
    `${HERE}/messages`,
    "https://[",
  ])("is not %s", (address) => {
    expect(sheetLink(address, HERE)).toBeUndefined();
  });

  it("is a word in a list", () => {
    const text = `See ${HERE}/sheets/${ID}?cell=1.2,\nin ${HERE}/sheets/${ID}. https://x.org`;
    expect(oneLine(text, HERE)).toBe("See a cell, in a sheet. https://x.org");
  });
});

describe("the text of a link", () => {
  const columns = [
    { id: "3", name: "" },
    { id: "4", name: "Price" },
  ] as never[];
  const sheet = { name: "Budget", columns, columnsLeftOut: false, deletedMicros: 0n };
  const link = (columnId?: string) => ({
    sheetId: ID,
    cell: columnId === undefined ? undefined : { rowId: 1n, columnId },
    path: "/",
  });
  const found = (row?: number | null, change: Partial<Found> = {}): Found => ({
    ...{ sheet, row, isClosed: false },
    ...change,
  });

  it.each([
    [link(), found(), "Budget"],
    [link("4"), found(11), "Budget · Price · row 12"],
    [link("3"), found(11), "Budget · A · row 12"],
    [link("4"), found(), "Budget · Price"],
    [link("4"), found(null), "Budget · deleted row"],
    [link("9"), found(11), "Budget · deleted column"],
    [link("4"), found(undefined, { sheet: undefined }), "A cell"],
    [link(), found(undefined, { sheet: undefined }), "A sheet"],
    [link("4"), found(undefined, { isClosed: true }), "A sheet that you can't open"],
    [link(), found(undefined, { sheet: { ...sheet, deletedMicros: 5n } }), "Budget · deleted"],
    [
      link("4"),
      found(2, { sheet: { ...sheet, columns: [], columnsLeftOut: true } }),
      "Budget · row 3",
    ],
  ])("is that of what the server has", (link, found, text) => {
    expect(linkText(link, found)).toBe(text);
  });
});

it("an address stands apart from the words around it", () => {
  expect(withAddress("", 0, "http://x")).toBe("http://x ");
  expect(withAddress("see", 3, "http://x")).toBe("see http://x ");
  expect(withAddress("see this", 4, "http://x")).toBe("see http://x this");
  expect(withAddress("see  this", 4, "http://x")).toBe("see http://x this");
});
