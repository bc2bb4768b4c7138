import { expect, test } from "vitest";
import type { Person } from "../../../live/view/people.ts";
import { labelOf } from "./person-label.ts";

const ada: Person = {
  id: "a",
  name: "Ada",
  color: "#1971c2",
  isOwn: false,
  isIdle: false,
  isAway: false,
  cursor: undefined,
  selected: [],
  editing: undefined,
};

test("a label says whether a person edits, is idle or is away", () => {
  const editing = { row: 1, col: 1 };
  expect(labelOf(ada)).toBe("Ada");
  expect(labelOf({ ...ada, editing })).toBe("Ada (editing)");
  expect(labelOf({ ...ada, isIdle: true })).toBe("Ada (idle)");
  // A cell that is open in a hidden window is not being edited.
  expect(labelOf({ ...ada, editing, isIdle: true, isAway: true })).toBe("Ada (away)");
  expect(labelOf({ ...ada, isOwn: true })).toBe("you, in another window");
});
