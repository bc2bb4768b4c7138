import { describe, expect, it } from "vitest";
import { readCell } from "../../../base/router.ts";
import { panelQuery, readPanel } from "./panel-address.ts";

describe("the side panel in the address", () => {
  it.each([
    ["", undefined, undefined],
    ["?panel=chat", "chat", undefined],
    ["?panel=history", "history", undefined],
    ["?panel=other", undefined, undefined],
    ["?comment=abc", "comments", "abc"],
    ["?panel=chat&comment=abc", "comments", "abc"],
    ["?comment=", undefined, undefined],
  ])("%s opens %s", (search, tab, comment) => {
    expect(readPanel(search)).toEqual({ tab, comment });
  });

  it("names a cell by the ids of its row and column", () => {
    expect(readCell("?cell=12.3&panel=chat")).toEqual({ rowId: 12n, columnId: "3" });
    for (const wrong of ["", "?cell=", "?cell=12", "?cell=a.b", "?cell=1.2.3"])
      expect(readCell(wrong)).toBeUndefined();
  });

  it("keeps the other parameters", () => {
    expect(panelQuery("?a=1&panel=chat", "history")).toBe("?a=1&panel=history");
    expect(panelQuery("?panel=chat", "comments", "abc")).toBe("?comment=abc");
    expect(panelQuery("?comment=abc&a=1", undefined)).toBe("?a=1");
    expect(panelQuery("?comment=abc", undefined)).toBe("");
  });
});
