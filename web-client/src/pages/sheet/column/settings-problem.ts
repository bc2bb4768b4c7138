// The rules of settings.
import { settingsProblem as problemOf } from "../../../live/engine/forms.ts";
import { type Draft, type Problem, settingsBytes } from "./draft.ts";

/** The rule that settings break; the engine has all rules. */
export function settingsProblem(draft: Draft): Problem | undefined {
  const text = problemOf(settingsBytes(draft));
  if (text === undefined) return undefined;
  const [setting = ""] = text.split(" ");
  return { setting, text: `${text.charAt(0).toUpperCase()}${text.slice(1)}.` };
}
