import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { placeOfReturn } from "./focus.ts";

/** An element; only its identity and its place in the page count. */
const element = (isConnected = true) => ({ isConnected }) as Element;

const body = element();
const [grid, button, before] = [element(), element(), element()];
const origin = { element: before, outer: undefined };

beforeEach(() => void vi.stubGlobal("document", { body }));
afterEach(() => void vi.unstubAllGlobals());

test("the focus goes to the home, to the button, or to where it was", () => {
  for (const now of [null, body]) {
    expect(placeOfReturn(now, grid, button, origin)).toBe(grid);
    expect(placeOfReturn(now, null, button, origin)).toBe(button);
    expect(placeOfReturn(now, null, undefined, origin)).toBe(before);
  }
});

test("a menu that is closed before it has the focus returns that of its button to the grid", () => {
  expect(placeOfReturn(button, grid, button, origin)).toBe(grid);
});

test("another element that has the focus keeps it", () => {
  expect(placeOfReturn(before, grid, button, origin)).toBeUndefined();
  expect(placeOfReturn(grid, grid, undefined, origin)).toBeUndefined();
});

test("a place that is gone, or is no element, gives way to the one before it", () => {
  const outer = { element: before, outer: undefined };
  expect(placeOfReturn(body, null, undefined, { element: element(false), outer })).toBe(before);
  expect(placeOfReturn(body, null, undefined, { element: body, outer })).toBe(before);
});
