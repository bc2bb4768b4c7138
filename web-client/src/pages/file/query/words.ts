// The words of orders and tests, by the kind of a column.
import { ColumnKind } from "../../../gen/gridloom/v1/values_pb.ts";
import type { Test } from "./query.ts";

/** What the values of a column are, as far as the words differ. */
export type Sort = "text" | "number" | "time" | "box" | "any";

export function sortOf(kind: ColumnKind): Sort {
  switch (kind) {
    case ColumnKind.NUMBER:
      return "number";
    case ColumnKind.BOOL:
      return "box";
    case ColumnKind.DATE:
    case ColumnKind.DATETIME:
    case ColumnKind.LOCAL_DATETIME:
      return "time";
    case ColumnKind.TEXT:
    case ColumnKind.CHOICE:
    case ColumnKind.CHOICES:
    case ColumnKind.LINK:
    case ColumnKind.EMAIL:
      return "text";
    default:
      return "any";
  }
}

/** The two directions, ascending first. */
const DIRECTIONS: Readonly<Record<Sort, readonly [string, string]>> = {
  text: ["A to Z", "Z to A"],
  number: ["smallest first", "largest first"],
  time: ["earliest first", "latest first"],
  box: ["unchecked first", "checked first"],
  any: ["lowest first", "highest first"],
};

export function direction(kind: ColumnKind, descending: boolean): string {
  return DIRECTIONS[sortOf(kind)][descending ? 1 : 0];
}

/** What a person chooses in the dialog: a test, or one of several that stand for others. */
export type Choice = Test | "between" | "checked" | "unchecked";

const COMMON: Readonly<Record<Choice, string>> = {
  is: "is",
  not: "is not",
  contains: "contains",
  starts: "starts with",
  less: "is less than",
  most: "is at most",
  greater: "is greater than",
  least: "is at least",
  between: "is between",
  in: "is one of",
  empty: "is empty",
  filled: "is not empty",
  checked: "is checked",
  unchecked: "is not checked",
};

const OF_DAYS: Partial<Record<Choice, string>> = {
  less: "is before",
  most: "is on or before",
  greater: "is after",
  least: "is on or after",
};

/** A day without a time is its first moment, so the rest of the day is after it. */
const OF_TIMES: Partial<Record<Choice, string>> = {
  ...OF_DAYS,
  most: "is at or before",
  least: "is at or after",
};

const OF_TEXTS: Partial<Record<Choice, string>> = {
  less: "comes before",
  most: "comes before or is",
  greater: "comes after",
  least: "comes after or is",
};

const WORDS: Readonly<Record<Sort, Partial<Record<Choice, string>>>> = {
  text: OF_TEXTS,
  number: {},
  time: OF_TIMES,
  box: {},
  any: {},
};

export function wordsOf(choice: Choice, kind: ColumnKind): string {
  const words = kind === ColumnKind.DATE ? OF_DAYS : WORDS[sortOf(kind)];
  return words[choice] ?? COMMON[choice];
}

const COMPARED: readonly Choice[] = ["less", "most", "greater", "least", "between"];
const ENDS: readonly Choice[] = ["in", "empty", "filled"];

/** The choices of a column, in the order in which they are offered. A text is found more often than compared. */
export function choicesOf(kind: ColumnKind): readonly Choice[] {
  switch (sortOf(kind)) {
    case "box":
      return ["checked", "unchecked", "empty", "filled"];
    case "number":
    case "time":
      return ["is", "not", ...COMPARED, ...ENDS];
    case "text":
      return ["is", "not", "contains", "starts", ...ENDS];
    case "any":
      return ["is", "not", "contains", "starts", ...COMPARED, ...ENDS];
  }
}
