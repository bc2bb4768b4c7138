// The colour of a person.

/** Colours with enough contrast on a light and a dark background. */
const COLORS = [
  ...["#d9480f", "#2b8a3e", "#9c36b5", "#0c8599", "#c2255c", "#5f3dc4"],
  ...["#e67700", "#1971c2", "#5c940d", "#e03131", "#846358", "#087f5b"],
];

/** An account's colour: the same in every tab and on every machine. */
export function colorOf(accountId: string): string {
  let sum = 0;
  for (const character of accountId) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return COLORS[sum % COLORS.length] ?? "#5f3dc4";
}
