// A condition while it is typed, and the conditions that it means.
//
// What it is not: a reader of values. The engine reads them, as it reads what is typed into a cell of such a column.
import { type CellValue, isCalendar } from "../../../../cells/values.ts";
import { ColumnKind } from "../../../../gen/gridloom/v1/values_pb.ts";
import { type Condition, type Test, VALUES_MOST } from "../query.ts";
import { type Choice, choicesOf, sortOf } from "../words.ts";

export interface Draft {
  choice: Choice;
  /** The value, or the lesser one of two. */
  first: string;
  second: string;
  /** Several values, one in each line. */
  lines: string;
  isExact: boolean;
}

export type Fields = "none" | "one" | "two" | "lines";

export function fieldsOf(choice: Choice): Fields {
  switch (choice) {
    case "empty":
    case "filled":
    case "checked":
    case "unchecked":
      return "none";
    case "between":
      return "two";
    case "in":
      return "lines";
    default:
      return "one";
  }
}

/** Whether the case of letters may count. */
export function hasCase(choice: Choice, kind: ColumnKind): boolean {
  const sort = sortOf(kind);
  const isText = sort === "text" || sort === "any";
  return isText && ["is", "not", "contains", "starts", "in"].includes(choice);
}

function choiceOf({ test, values }: Condition, kind: ColumnKind): Choice {
  const [value] = values;
  if (kind !== ColumnKind.BOOL || test !== "is" || typeof value !== "boolean") return test;
  return value ? "checked" : "unchecked";
}

/** `edited`: the text with which an editor of a value begins. */
export function draftOf(
  condition: Condition | undefined,
  kind: ColumnKind,
  edited: (value: CellValue) => string,
): Draft {
  const [choice = "is"] = choicesOf(kind);
  const empty = { choice, first: "", second: "", lines: "", isExact: false };
  if (condition === undefined) return empty;
  const own = choiceOf(condition, kind);
  const texts = condition.values.map(edited);
  const values = {
    none: {},
    one: { first: plainText(condition) ?? texts[0] ?? "" },
    two: {},
    lines: { lines: texts.join("\n") },
  };
  return { ...empty, choice: own, isExact: condition.isExact, ...values[fieldsOf(own)] };
}

/** The text of a test of parts of texts, which no kind reads. */
function plainText({ test, values: [value] }: Condition): string | undefined {
  return isPart(test) && typeof value === "string" ? value : undefined;
}

function isPart(choice: Choice): boolean {
  return choice === "contains" || choice === "starts";
}

/** The choices that are offered: those of the kind, and that of the condition. */
export function offered(kind: ColumnKind, choice: Choice): readonly Choice[] {
  const choices = choicesOf(kind);
  return choices.includes(choice) ? choices : [choice, ...choices];
}

export type Meant = { conditions: readonly Condition[] } | { problem: string; field: Field };
export type Field = "first" | "second" | "lines";

const MISSING = "Enter a value.";
const COMPARED: Partial<Record<ReturnType<typeof sortOf>, string>> = {
  number: "Enter a number.",
  time: "Enter a date, such as 2024-05-31.",
};

/** Whether a value can be compared with those of a column: others are neither less nor greater. */
function isComparable(value: CellValue, kind: ColumnKind): boolean {
  const sort = sortOf(kind);
  if (sort === "number") return typeof value === "number";
  return sort !== "time" || isCalendar(value);
}

const IS_COMPARED: ReadonlySet<Choice> = new Set(["less", "most", "greater", "least", "between"]);

/** `read`: the value of a typed text. */
export function meantBy(
  draft: Draft,
  col: number,
  kind: ColumnKind,
  read: (text: string) => CellValue,
): Meant {
  const { choice } = draft;
  const isExact = draft.isExact && hasCase(choice, kind);
  const condition = (test: Test, ...values: CellValue[]) => ({ col, test, values, isExact });
  const given = (field: "first" | "second"): { value: CellValue } | Problem => {
    const text = draft[field];
    if (isPart(choice)) return text === "" ? { problem: MISSING, field } : { value: text };
    const value = text.trim() === "" ? null : read(text);
    if (value === null || value === "") return { problem: MISSING, field };
    const isRefused = IS_COMPARED.has(choice) && !isComparable(value, kind);
    return isRefused ? { problem: COMPARED[sortOf(kind)] ?? MISSING, field } : { value };
  };
  switch (choice) {
    case "checked":
    case "unchecked":
      return { conditions: [condition("is", choice === "checked")] };
    case "empty":
    case "filled":
      return { conditions: [condition(choice)] };
    case "in":
      return listed(draft.lines, read, (values) => condition("in", ...values));
    case "between": {
      const [least, most] = [given("first"), given("second")];
      if ("problem" in least) return least;
      if ("problem" in most) return most;
      return { conditions: [condition("least", least.value), condition("most", most.value)] };
    }
    default: {
      const one = given("first");
      return "problem" in one ? one : { conditions: [condition(choice, one.value)] };
    }
  }
}

interface Problem {
  problem: string;
  field: Field;
}

function listed(
  lines: string,
  read: (text: string) => CellValue,
  condition: (values: CellValue[]) => Condition,
): Meant {
  const texts = lines.split("\n").filter((line) => line.trim() !== "");
  const values = texts.map(read).filter((value) => value !== null && value !== "");
  if (values.length === 0) return { problem: MISSING, field: "lines" };
  if (values.length > VALUES_MOST)
    return { problem: `Enter at most ${VALUES_MOST} values.`, field: "lines" };
  return { conditions: [condition(values)] };
}
