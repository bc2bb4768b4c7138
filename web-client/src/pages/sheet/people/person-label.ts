// A person on the sheet in words.
import type { Person } from "../../../live/view/people.ts";

/** Inside a sentence. */
export function calledOf({ name, isOwn }: Person): string {
  return isOwn ? "you, in another window" : name;
}

/** In a list. */
export function listedOf(person: Person): string {
  return person.isOwn ? "You, in another window" : labelOf(person);
}

/** With the state: "Ada (idle)", "Ada (away)". */
export function labelOf(person: Person): string {
  const called = calledOf(person);
  if (person.editing !== undefined && !person.isAway) return `${called} (editing)`;
  if (person.isAway) return `${called} (away)`;
  return person.isIdle ? `${called} (idle)` : called;
}
