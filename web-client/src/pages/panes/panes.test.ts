import { describe, expect, test } from "vitest";
import { keysOf, panesPath, sheetsOf } from "./address.ts";
import { choose, closePane, closeTab, openBeside, swap } from "./moves.ts";
import {
  beyond,
  chosen,
  closed,
  neighbour,
  opened,
  parseTabs,
  placed,
  renamed,
  TABS_MOST,
} from "./tabs.ts";

const tab = (id: string, at = 0, name = id.toUpperCase()) => ({ id, name, at });
const abc = [tab("a", 3), tab("b", 1), tab("c", 2)];
const idsOf = (tabs: readonly { id: string }[]) => tabs.map(({ id }) => id).join("");

describe("the address", () => {
  test("names the sheets beside the first one", () => {
    expect(sheetsOf("a", "")).toEqual(["a"]);
    expect(sheetsOf("a", "?beside=b,c&panel=chat")).toEqual(["a", "b", "c"]);
    expect(sheetsOf("a", "beside=b%2Cc")).toEqual(["a", "b", "c"]);
    expect(sheetsOf("a", "?beside=,b,,")).toEqual(["a", "b"]);
  });

  test("is made of the same sheets again", () => {
    expect(panesPath(["a"])).toBe("/sheets/a");
    expect(panesPath(["a", "b", "c"])).toBe("/sheets/a?beside=b,c");
    expect(panesPath(["a", "b"], "?panel=chat&beside=c")).toBe("/sheets/a?panel=chat&beside=b");
    expect(panesPath(["a"], "?panel=chat&beside=c")).toBe("/sheets/a?panel=chat");
    expect(sheetsOf("a", new URL(panesPath(["a", "b&c"]), "http://x").search)).toEqual([
      "a",
      "b&c",
    ]);
  });

  test("a sheet that stands there twice has two keys", () => {
    expect(keysOf(["a", "b", "a", "a"])).toEqual(["a", "b", "a#2", "a#3"]);
  });
});

describe("panes", () => {
  test("a sheet is chosen where it is shown, or in place of the active one", () => {
    expect(choose({ ids: ["a", "b"], active: 0 }, "b", 2)).toEqual({ ids: ["a", "b"], active: 1 });
    expect(choose({ ids: ["a", "b"], active: 1 }, "c", 2)).toEqual({ ids: ["a", "c"], active: 1 });
    expect(choose({ ids: ["a", "a"], active: 1 }, "a", 2)).toEqual({ ids: ["a", "a"], active: 1 });
    expect(choose({ ids: ["a", "b"], active: 0 }, "b", 1)).toEqual({ ids: ["b", "a"], active: 0 });
  });

  test("a sheet opens at the right of the active one", () => {
    expect(openBeside({ ids: ["a", "b"], active: 0 }, "c")).toEqual({
      ids: ["a", "c", "b"],
      active: 1,
    });
  });

  test("closing a pane keeps the others, and the active one active", () => {
    expect(closePane({ ids: ["a"], active: 0 }, 0)).toBeUndefined();
    expect(closePane({ ids: ["a", "b", "c"], active: 2 }, 0)).toEqual({
      ids: ["b", "c"],
      active: 1,
    });
    expect(closePane({ ids: ["a", "b"], active: 1 }, 1)).toEqual({ ids: ["a"], active: 0 });
    expect(closePane({ ids: ["a", "b", "c"], active: 0 }, 0)).toEqual({
      ids: ["b", "c"],
      active: 0,
    });
  });

  test("two panes swap, and the active sheet stays active", () => {
    expect(swap({ ids: ["a", "b", "c"], active: 1 }, 0)).toEqual({
      ids: ["b", "a", "c"],
      active: 0,
    });
    expect(swap({ ids: ["a", "b"], active: 0 }, 1)).toEqual({ ids: ["a", "b"], active: 0 });
  });

  test("closing a tab closes its panes, and shows the neighbour of the only one", () => {
    expect(closeTab({ ids: ["a", "b", "a"], active: 2 }, abc, "a")).toEqual({
      ids: ["b"],
      active: 0,
    });
    expect(closeTab({ ids: ["a"], active: 0 }, abc, "a")).toEqual({ ids: ["b"], active: 0 });
    expect(closeTab({ ids: ["a"], active: 0 }, abc, "c")).toEqual({ ids: ["a"], active: 0 });
    expect(closeTab({ ids: ["a"], active: 0 }, [tab("a")], "a")).toBeUndefined();
  });
});

describe("tabs", () => {
  test("what is stored is read, and what is malformed is left out", () => {
    expect(parseTabs(JSON.stringify(abc))).toEqual(abc);
    expect(parseTabs(null)).toEqual([]);
    expect(parseTabs("{")).toEqual([]);
    expect(parseTabs('{"id":"a"}')).toEqual([]);
    expect(parseTabs(JSON.stringify([null, { id: 1 }, tab("a")]))).toEqual([tab("a")]);
  });

  test("a sheet that is opened again keeps its tab and takes its new name", () => {
    expect(opened(abc, tab("b", 9), [])).toBe(abc);
    expect(opened(abc, tab("b", 9, "Plan"), [])[1]).toEqual({ id: "b", name: "Plan", at: 1 });
    expect(renamed(abc, "a", "A")).toBe(abc);
    expect(renamed(abc, "a", "Plan")[0]?.name).toBe("Plan");
    expect(chosen(abc, "b", 9)[1]?.at).toBe(9);
  });

  test("beyond the most, the tab goes that was chosen longest ago and is not shown", () => {
    const full = Array.from({ length: TABS_MOST }, (_, i) => tab(`s${i}`, i));
    const next = opened(full, tab("new", 99), ["s0", "s1"]);
    expect(next).toHaveLength(TABS_MOST);
    expect(next.map(({ id }) => id)).not.toContain("s2");
    expect(next.at(-1)?.id).toBe("new");
  });

  test("tabs are moved, closed and followed in a circle", () => {
    expect(idsOf(placed(abc, "a", 1))).toBe("bac");
    expect(idsOf(placed(abc, "c", 0))).toBe("cab");
    expect(placed(abc, "a", -1)).toBe(abc);
    expect(placed(abc, "c", 7)).toBe(abc);
    expect(idsOf(closed(abc, "b"))).toBe("ac");
    expect(closed(abc, "x")).toBe(abc);
    expect(neighbour(abc, "b")).toBe("c");
    expect(neighbour(abc, "c")).toBe("b");
    expect(beyond(abc, "c", 1)).toBe("a");
    expect(beyond(abc, "a", -1)).toBe("c");
    expect(beyond(abc, "x", 1)).toBe("a");
    expect(beyond(abc, "x", -1)).toBe("c");
    expect(beyond([], "x", 1)).toBeUndefined();
  });
});
