import { beforeEach, expect, test, vi } from "vitest";
import { Store } from "../../../base/store.ts";
import { type ShownPane, shownPanes } from "../../../ui/panes/shown.ts";
import { addressesNow, leadOf, leadWithin } from "./lead.ts";

const active = new Store("a");

function pane(id: string, key = id): ShownPane {
  const [name, lead, query] = [new Store(""), new Store(null), new Store("")];
  return { id, key, active, name, lead, query };
}

const panes = [pane("a"), pane("b"), pane("c")];

beforeEach(() => {
  shownPanes.set(panes);
  vi.stubGlobal("location", { pathname: "/sheets/a", search: "?beside=b,c&panel=history" });
});

test("the first pane follows the address, and the sheets beside it stay there", () => {
  const lead = leadOf("/sheets/a?panel=chat", panes, "?beside=b,c&panel=history");
  expect(lead).toEqual({ pane: panes[0], to: "/sheets/a?panel=chat&beside=b,c" });
});

test("another pane shows the panel itself and becomes the active one", () => {
  expect(leadWithin("/sheets/b?comment=t")).toBe(true);
  expect(active.get()).toBe("b");
  expect(addressesNow()).toEqual([
    "/sheets/a?beside=b,c&panel=history",
    "/sheets/b?comment=t",
    "/sheets/c",
  ]);
});

test("a sheet alone becomes active, and its panel stays", () => {
  panes[2]?.query.set("?panel=chat");
  expect(leadWithin("/sheets/c")).toBe(true);
  expect(active.get()).toBe("c");
  expect(panes[2]?.query.get()).toBe("?panel=chat");
  expect(leadOf("/sheets/a", panes, "?beside=b,c")).toEqual({ pane: panes[0], to: undefined });
});

test("a cell leaves the panel as it is", () => {
  panes[2]?.query.set("?panel=chat");
  leadWithin("/sheets/c?cell=12.3");
  expect(panes[2]?.query.get()).toBe("?cell=12.3&panel=chat");
  leadWithin("/sheets/c?comment=t");
  expect(panes[2]?.query.get()).toBe("?comment=t");
  const lead = leadOf("/sheets/a?cell=1.2", panes, "?beside=b,c&comment=t");
  expect(lead).toEqual({ pane: panes[0], to: "/sheets/a?cell=1.2&comment=t&beside=b,c" });
});

test("an address of another sheet or another page is left to the browser", () => {
  for (const to of ["/sheets/z?panel=chat", "/messages/person/ben", "/"])
    expect(leadWithin(to)).toBe(false);
  shownPanes.set([]);
  expect(leadWithin("/sheets/a?panel=chat")).toBe(false);
});
