// The computed columns as a person writes them: a name and a formula for each.
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { AddColumnsSchema } from "../../../../gen/gridloom/v1/derivations_pb.ts";

export interface ColumnDraft {
  /** Of the row of the dialog; never reused. */
  id: number;
  name: string;
  formula: string;
}

/** The most computed columns. */
export const MOST_COLUMNS = 64;
const NAME_LONGEST = 200;
const FORMULA_LONGEST = 2_000;

export function emptyColumn(drafts: readonly ColumnDraft[]): ColumnDraft {
  return { id: Math.max(0, ...drafts.map(({ id }) => id)) + 1, name: "", formula: "" };
}

export type ColumnProblem = Partial<Record<"name" | "formula", string>>;

function nameProblem(name: string, others: readonly string[]): string | undefined {
  if (name === "") return "Give the column a name.";
  if ([...name].length > NAME_LONGEST) return `Use at most ${NAME_LONGEST} characters.`;
  return others.includes(name) ? "Another column has this name." : undefined;
}

function formulaProblem(formula: string): string | undefined {
  if (formula === "") return "Write a formula, such as [price] * 2.";
  return [...formula].length > FORMULA_LONGEST
    ? `Use at most ${FORMULA_LONGEST.toLocaleString()} characters.`
    : undefined;
}

/** What is wrong with a row, before the server reads it. `names`: those of the columns of the source. */
export function problemOf(
  draft: ColumnDraft,
  drafts: readonly ColumnDraft[],
  names: readonly string[],
): ColumnProblem {
  const others = drafts.filter(({ id }) => id !== draft.id).map(({ name }) => name.trim());
  const found: ColumnProblem = {};
  const name = nameProblem(draft.name.trim(), [...names, ...others]);
  if (name !== undefined) found.name = name;
  const formula = formulaProblem(draft.formula.trim());
  if (formula !== undefined) found.formula = formula;
  return found;
}

export function isLacking(drafts: readonly ColumnDraft[], names: readonly string[]): boolean {
  return drafts.some((draft) => Object.keys(problemOf(draft, drafts, names)).length > 0);
}

/** The rows that can be previewed: those without a problem. */
export function complete(
  drafts: readonly ColumnDraft[],
  names: readonly string[],
): readonly ColumnDraft[] {
  return drafts.filter((draft) => Object.keys(problemOf(draft, drafts, names)).length === 0);
}

export function addOf(drafts: readonly ColumnDraft[]): MessageInitShape<typeof AddColumnsSchema> {
  // A formula is sent as it is written, so that a position of an error is one of the field.
  return { columns: drafts.map(({ name, formula }) => ({ name: name.trim(), formula })) };
}

/** The end of the name that is offered for the file. */
export function endOf(drafts: readonly ColumnDraft[]): string {
  const [first] = drafts.map(({ name }) => name.trim()).filter((name) => name !== "");
  return first === undefined ? "computed" : `with ${first}`;
}
