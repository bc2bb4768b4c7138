import { expect, test } from "vitest";
import type { Person } from "../../live/view/people.ts";
import { nameTags, type Screen } from "./name-tags.ts";

const person = (id: string, row: number, col: number, more: Partial<Person> = {}): Person => ({
  id,
  name: id,
  color: "#000",
  isOwn: false,
  isIdle: false,
  isAway: false,
  cursor: { row, col },
  selected: [],
  editing: undefined,
  ...more,
});

/** Rows 10 to 19 and columns of 100 pixels, scrolled by 50 pixels. */
const screen: Screen = {
  boundsOf: ({ row, col }) => ({
    x: 40 + col * 100 - 50,
    y: 36 + (row - 10) * 32,
    width: 100,
    height: 32,
  }),
  rows: { start: 10, count: 10 },
  left: 40,
  width: 400,
  height: 300,
};

test("a name stands above its cell, within the columns on the screen", () => {
  expect(nameTags([person("Ada", 12, 1)], screen)).toMatchObject([
    { key: "Ada/12:1", text: "Ada", x: 90, y: 84, width: 100, isEditing: false },
  ]);
  // Half of the first column is behind the row numbers, and only a part of the last one is on the screen.
  expect(nameTags([person("Ada", 10, 0), person("Ben", 10, 3)], screen)).toMatchObject([
    { key: "Ada/10:0", x: 40, y: 20, width: 50 },
    { key: "Ben/10:3", x: 290, y: 20, width: 100 },
  ]);
  expect(nameTags([person("Ada", 10, 4)], screen)).toEqual([]);
});

test.each<[string, Person[]]>([
  ["a row above or below the screen", [person("Ada", 9, 1), person("Ben", 20, 1)]],
  ["idle people", [person("Ada", 12, 1, { isIdle: true })]],
  ["people without a place", [person("Ada", 0, 0, { cursor: undefined })]],
])("no name for %s", (_, people) => {
  expect(nameTags(people, screen)).toEqual([]);
});

test("the edited cell has the name, and one cell has one name", () => {
  const editing = { row: 14, col: 2 };
  const tags = nameTags([person("Ada", 12, 1, { editing }), person("Ben", 14, 2)], screen);
  expect(tags).toMatchObject([{ key: "Ada/14:2", text: "Ada …", isEditing: true, x: 190 }]);
  expect(nameTags([person("me", 12, 1, { isOwn: true })], screen)).toMatchObject([{ text: "You" }]);
});

test("a crowd does not hide the cells", () => {
  const cell = (i: number) => person(`${i}`, 10 + (i % 10), Math.floor(i / 10) % 20);
  const crowd = Array.from({ length: 1_000 }, (_, i) => cell(i));
  expect(nameTags(crowd, { ...screen, width: 4_000 })).toHaveLength(40);
});
