// The list of options that a person edits: what is pasted, moved and renamed, and what the cells lose by it.
import { beforeAll, expect, test } from "vitest";
import { loadEngine } from "../../../../tests/opened.ts";
import {
  added,
  entriesOf,
  entryProblem,
  foundTexts,
  linesOf,
  listProblem,
  lossText,
  lostOptions,
  moved,
  optionsOf,
  pasted,
} from "./options.ts";

beforeAll(loadEngine);

const texts = (entries: readonly { text: string }[]) => entries.map(({ text }) => text);

test("several pasted lines are several options, in their place", () => {
  expect(linesOf(" a \r\n\n b\tc \n")).toEqual(["a", "b\tc"]);
  const entries = entriesOf(["x", "y"]);
  const first = entries[0]?.id ?? 0;
  const next = pasted(entries, first, ["a", "b", "c"]);
  expect(texts(next)).toEqual(["a", "b", "c", "y"]);
  expect(next[0]).toMatchObject({ id: first, was: "x" });
  expect(next[1]).toMatchObject({ was: undefined });
});

test("options that are there already are not added again", () => {
  expect(texts(added(entriesOf(["a"]), ["a", "b", "b"]))).toEqual(["a", "b"]);
});

test("texts that a conversion takes for one option are found once, in their first form", () => {
  const found = ["Open", "open", "OPEN", "straße", "STRASSE", "Caf\u00e9", "CAFE\u0301", "closed"];
  expect(foundTexts([], found)).toEqual(["Open", "straße", "Caf\u00e9", "closed"]);
  expect(foundTexts(entriesOf([" open ", "x"]), found)).not.toContain("Open");
  expect(foundTexts([], ["straße", "STRAẞE", "ı", "i", "I"])).toEqual(["straße", "ı", "i"]);
  const many = Array.from({ length: 600 }, (_, i) => String(i));
  expect(foundTexts([], many)).toHaveLength(500);
});

test("an option moves by one step, and stays at the ends", () => {
  const entries = entriesOf(["a", "b", "c"]);
  const [a, b, c] = entries.map(({ id }) => id) as [number, number, number];
  expect(texts(moved(entries, b, -1))).toEqual(["b", "a", "c"]);
  expect(texts(moved(entries, b, 1))).toEqual(["a", "c", "b"]);
  expect(texts(moved(entries, a, -1))).toEqual(["a", "b", "c"]);
  expect(texts(moved(entries, c, 1))).toEqual(["a", "b", "c"]);
});

test("what can't be stored is named beside its field", () => {
  const entries = entriesOf(["é".repeat(129), "a", " a ", "", "b"]);
  const problems = entries.map((entry) => entryProblem(entry, entries));
  expect(problems).toEqual([
    "At most 256 bytes; this option has 258.",
    undefined,
    "This option is in the list already.",
    undefined,
    undefined,
  ]);
  expect(optionsOf(entriesOf([" a ", "", "b"]))).toEqual(["a", "b"]);
  expect(listProblem(entriesOf([" "]))).toBe("Add at least one option.");
  const many = Array.from({ length: 501 }, (_, i) => String(i));
  expect(listProblem(entriesOf(many))).toBe("At most 500 options; these are 501.");
  expect(listProblem(entriesOf(many.slice(1)))).toBeUndefined();
});

test("cells keep the text of an option that is renamed or removed", () => {
  const entries = entriesOf(["Red", "Green"]);
  const renamed = entries.map((entry) => ({ ...entry, text: `${entry.text}!` }));
  const uses = new Map([["Red", 2]]);
  const lost = lostOptions(["Red", "Green"], renamed, uses);
  expect(lost).toEqual([
    ["Red", 2],
    ["Green", 0],
  ]);
  expect(lossText(lost)).toBe("2 loaded cells keep the old text of “Red” and are marked.");
  expect(lossText(lostOptions(["Red"], entries, uses))).toBeUndefined();
  expect(lossText([["Green", 0]])).toBeUndefined();
  const many = lossText([..."abcde"].map((option) => [option, 1]));
  expect(many).toBe("5 loaded cells keep the old text of “a”, “b”, “c”, 2 more and are marked.");
});
