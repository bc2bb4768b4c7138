import { expect, test } from "vitest";
import { attemptOf } from "./attempt.ts";

const cell = { rowId: 4n, columnId: "2" };
const draft = { text: "why? or not", mentions: [] };

test("a repeated attempt has the id of the first, also one that was kept as JSON", () => {
  const attempt = attemptOf(draft, cell);
  const kept = JSON.parse(JSON.stringify({ ...draft, attempt }));
  expect(attemptOf(kept, cell)).toEqual(attempt);
});

test("another text and another cell have ids of their own", () => {
  const attempt = attemptOf(draft, cell);
  const other = attemptOf({ ...draft, text: "why not?", attempt }, cell);
  const elsewhere = attemptOf({ ...draft, attempt }, { ...cell, rowId: 5n });
  expect(new Set([attempt, other, elsewhere].map(({ clientId }) => clientId)).size).toBe(3);
});
