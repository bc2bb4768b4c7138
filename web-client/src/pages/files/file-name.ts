// The rules for the name of a file; the server checks the same ones.
import { count } from "../../base/text.ts";

/** The most characters of a name. */
const NAME_LONGEST = 200;

/** The error message for a name; undefined when it is valid. */
export function checkFileName(name: string): string | undefined {
  const characters = [...name.trim()].length;
  if (characters === 0) return "Give the file a name.";
  if (/\p{Cc}/u.test(name.trim())) return "Leave out line breaks and other control characters.";
  if (characters <= NAME_LONGEST) return undefined;
  return `Use at most ${NAME_LONGEST} characters: this name has ${count(characters)}.`;
}
