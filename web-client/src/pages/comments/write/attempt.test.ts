import { expect, test } from "vitest";
import type { Comment } from "../../../gen/gridloom/v1/comments_pb.ts";
import { attemptOf, isMade } from "./attempt.ts";

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

test("a draft is made once this page or a list of comments has its id, unless its text is another one", () => {
  const tried = {
    ...draft,
    text: "1.5 or 2?",
    attempt: attemptOf({ ...draft, text: "1.5 or 2?" }, cell),
  };
  const { clientId } = tried.attempt;
  const dashes = clientId.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  const comments = [{ first: { clientId: dashes } }] as unknown as Comment[];
  const none = new Set<string>();
  expect(isMade(tried, none, [])).toBe(false);
  expect(isMade(tried, new Set([clientId]), [])).toBe(true);
  expect(isMade(tried, none, comments)).toBe(true);
  expect(isMade({ ...tried, text: "1.5 or 2" }, none, comments)).toBe(false);
  expect(isMade(draft, none, comments)).toBe(false);
});
