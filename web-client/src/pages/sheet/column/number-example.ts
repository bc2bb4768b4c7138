// A number of a column, exactly and as a draft of its settings shows it.
import { ColumnKind } from "../../../gen/gridloom/v1/values_pb.ts";
import { Texts } from "../../../live/engine/texts.ts";
import { type Draft, draftProblem, settingsOf } from "./draft.ts";
import { settingsProblem } from "./settings-problem.ts";

export interface NumberExample {
  exact: string;
  shown: string;
}

/** Undefined while the form breaks a rule: the engine has no texts of such settings. */
export function exampleOf(
  draft: Draft,
  number = draft.unit === "percent" ? 0.125 : 1234.5,
): NumberExample | undefined {
  // Only the form of numbers counts.
  const form = { ...draft, kind: ColumnKind.NUMBER, options: [] };
  if ((draftProblem(form) ?? settingsProblem(form)) !== undefined) return undefined;
  const texts = Texts.of(ColumnKind.NUMBER, settingsOf(form));
  const shown = texts.shown(number);
  texts.free();
  return { exact: String(number), shown };
}
