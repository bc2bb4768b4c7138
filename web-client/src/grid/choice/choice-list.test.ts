// Which options match a typed text, and what a choice makes of it.
import { beforeAll, expect, test } from "vitest";
import { loadEngine } from "../../../tests/opened.ts";
import {
  isBegunBy,
  isTypedWhole,
  listIntent,
  matching,
  oneOf,
  severalOf,
  stepped,
  toggled,
} from "./choice-list.ts";

beforeAll(loadEngine);

test("options match in any letter case and without accents, those that begin with the text first", () => {
  const options = ["Infrared", "Red", "Grün", "Größe"];
  expect(matching(options, "red")).toEqual(["Red", "Infrared"]);
  expect(matching(options, " GRU ")).toEqual(["Grün"]);
  expect(matching(options, "")).toBe(options);
  expect(matching(options, "x")).toEqual([]);
});

test("the option that is typed comes before longer ones, in another letter case, too", () => {
  const options = ["Redwood", "red", "Red", "Infrared"];
  expect(matching(options, "Red")).toEqual(["Red", "red", "Redwood", "Infrared"]);
  expect(matching(options, " red ")).toEqual(["red", "Red", "Redwood", "Infrared"]);
  const several = severalOf("Infrared, red", ["Redwood", "Red", "Infrared"], false);
  expect(several).toEqual({ chosen: ["Infrared"], typed: "red" });
  expect(matching(["Redwood", "Red"], several.typed)[0]).toBe("Red");
  // An accent alone is in no option.
  expect(matching(options, "\u0301")).toEqual([]);
});

test("of a blank text nothing is typed, so that no option is chosen by it", () => {
  expect(oneOf("  ", false)).toEqual({ chosen: [""], typed: "" });
  expect(oneOf("re", false)).toEqual({ chosen: ["re"], typed: "re" });
  expect(oneOf("Red", true)).toEqual({ chosen: ["Red"], typed: "" });
  expect(severalOf("  ", ["Red"], false).typed).toBe("");
});

test("the text behind the last comma is being typed, unless it is an option", () => {
  const options = ["Red", "a, b"];
  expect(severalOf("", options, true)).toEqual({ chosen: [], typed: "" });
  expect(severalOf("Red, gr", options, false)).toEqual({ chosen: ["Red"], typed: "gr" });
  expect(severalOf("Red, ", options, false)).toEqual({ chosen: ["Red"], typed: "" });
  expect(severalOf('Red, "a, b"', options, false)).toEqual({ chosen: ["Red", "a, b"], typed: "" });
  expect(severalOf("old", options, true)).toEqual({ chosen: ["old"], typed: "" });
});

test("a choice adds an option or takes it away, and replaces what is typed", () => {
  const options = ["Red", "a, b"];
  expect(toggled(severalOf("Red, a", options, false), "a, b")).toBe('Red, "a, b"');
  expect(toggled(severalOf('Red, "a, b"', options, true), "Red")).toBe('"a, b"');
  expect(toggled(severalOf("Red", options, true), "Red")).toBe("");
});

test("arrows go around the list", () => {
  expect([stepped(undefined, 1, 3), stepped(undefined, -1, 3)]).toEqual([0, 2]);
  expect([stepped(2, 1, 3), stepped(0, -1, 3), stepped(0, 1, 0)]).toEqual([0, 2, undefined]);
});

test("keys step, choose, and are left to the text field", () => {
  const press = (key: string, several: boolean, typed: boolean, held = {}) =>
    listIntent(
      { key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held },
      several,
      typed,
    );
  expect(press("ArrowDown", false, false)).toEqual({ do: "step", step: 1 });
  expect(press("ArrowDown", false, false, { shiftKey: true })).toBeUndefined();
  expect(press("Enter", false, false)).toEqual({ do: "take", ends: true });
  expect(press("Enter", false, false, { altKey: true })).toBeUndefined();
  expect(press(" ", false, false)).toBeUndefined();
  expect(press("Tab", false, false)).toBeUndefined();
  expect(press(" ", true, false)).toEqual({ do: "take", ends: false });
  expect(press(" ", true, true)).toBeUndefined();
  expect(press("Enter", true, true)).toEqual({ do: "take", ends: false });
  expect(press("Enter", true, false)).toBeUndefined();
  expect(press("Tab", true, true)).toEqual({ do: "take", ends: true });
});

test("a text is the begin of an option, or a text of its own", () => {
  expect(isBegunBy("Red", "r")).toBe(true);
  expect(isBegunBy("Émile", "emi")).toBe(true);
  expect(isBegunBy("1000", "100")).toBe(true);
  for (const typed of ["ed", "é", "", " "]) expect(isBegunBy("red", typed)).toBe(false);
  expect(isBegunBy(undefined, "r")).toBe(false);
});

test("an option is typed whole in any letter case and encoding of accents, but not without them", () => {
  for (const typed of ["Émile", "ÉMILE ", "e\u0301mile"])
    expect(isTypedWhole("Émile", typed)).toBe(true);
  for (const typed of ["Emile", "Émil", ""]) expect(isTypedWhole("Émile", typed)).toBe(false);
});
