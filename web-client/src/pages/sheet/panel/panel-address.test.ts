import { describe, expect, it } from "vitest";
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

  it("keeps the other parameters", () => {
    expect(panelQuery("?a=1&panel=chat", "history")).toBe("?a=1&panel=history");
    expect(panelQuery("?panel=chat", "comments", "abc")).toBe("?comment=abc");
    expect(panelQuery("?comment=abc&a=1", undefined)).toBe("?a=1");
    expect(panelQuery("?comment=abc", undefined)).toBe("");
  });
});
