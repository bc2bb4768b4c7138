// The colours of persons: chosen by them, else derived from the account.
//
// Invariant: each has a contrast of 3:1 or more on a light and on a dark sheet, as the lines of a cursor need it.

/** By the number of `AccountColor` less one. */
const COLORS = [
  ...["#d9480f", "#2b8a3e", "#a33fbb", "#0c8599", "#c92a62", "#7350d8"],
  ...["#c96a00", "#1971c2", "#5c940d", "#e03131", "#846358", "#087f5b"],
];

/** What the page has received of the choices of persons. */
const chosen = new Map<string, number>();

/** The numbers of all colours. */
export const COLOR_NUMBERS: readonly number[] = COLORS.map((_, at) => at + 1);

/** The colour of a number; undefined for 0 and for a number of a later release. */
export function colorOfNumber(number: number): string | undefined {
  return COLORS[number - 1];
}

/** Notes the colour that a person has chosen; 0: none. */
export function noteColor(accountId: string, number: number): void {
  if (accountId !== "") chosen.set(accountId, number);
}

/**
 * An account's colour: the same in every tab and on every machine. `sent`: the number that came with something of the
 * person, such as a message; what the page has noted of the person is newer.
 */
export function colorOf(accountId: string, sent = 0): string {
  return colorOfNumber(chosen.get(accountId) ?? sent) ?? derivedColor(accountId);
}

/** The colour of an account whose owner has chosen none. */
export function derivedColor(accountId: string): string {
  let sum = 0;
  for (const character of accountId) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return COLORS[sum % COLORS.length] ?? "#7350d8";
}
