import { expect, test } from "vitest";
import { COLOR_NUMBERS, colorOf, colorOfNumber, derivedColor, noteColor } from "./person-color.ts";

/** The relative luminance of WCAG 2. */
function luminance(color: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(color.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

test.each(COLOR_NUMBERS)("colour %i has contrast on both sheets", (number) => {
  const color = colorOfNumber(number) ?? expect.unreachable("it is one of the palette");
  for (const sheet of ["#ffffff", "#161b20"])
    expect(contrast(color, sheet), sheet).toBeGreaterThanOrEqual(3);
});

test("no two colours are the same", () => {
  expect(new Set(COLOR_NUMBERS.map(colorOfNumber)).size).toBe(COLOR_NUMBERS.length);
});

test("a colour that came with a message counts until the person's own is known", () => {
  expect(colorOf("ben", 3)).toBe(colorOfNumber(3));
  noteColor("ben", 8);
  expect(colorOf("ben", 3)).toBe(colorOfNumber(8));
  noteColor("ben", 0);
  expect(colorOf("ben", 3)).toBe(derivedColor("ben"));
});

test("a chosen colour counts, and without one that of the account", () => {
  expect(colorOf("ada")).toBe(derivedColor("ada"));
  noteColor("ada", 8);
  expect(colorOf("ada")).toBe(colorOfNumber(8));
  for (const none of [0, 99]) {
    noteColor("ada", none);
    expect(colorOf("ada")).toBe(derivedColor("ada"));
  }
});
