// The word after an @ at the cursor, and the text after a person was chosen for it.
import type { Mentioned } from "../thread/kept.ts";

/** The most characters after an @ that are searched for; a name has several words. */
const LONGEST_QUERY = 40;

/** The characters between an @ and the cursor. */
export interface Query {
  /** The place of the @. */
  at: number;
  text: string;
}

/** The @ before the cursor that begins a mention; undefined where none does. */
export function queryAt(text: string, cursor: number): Query | undefined {
  const at = text.lastIndexOf("@", cursor - 1);
  if (at < 0 || cursor - at - 1 > LONGEST_QUERY) return undefined;
  const query = text.slice(at + 1, cursor);
  // In an address, a character stands before the @. No name has a line break, or a space at its start.
  if (/[\p{L}\p{N}]$/u.test(text.slice(0, at)) || /^\s|\n/.test(query)) return undefined;
  return { at, text: query };
}

/** The text with the person in place of the query, and the cursor behind it. */
export function withPerson(
  text: string,
  { at, text: query }: Query,
  { name }: Mentioned,
): { text: string; cursor: number } {
  const after = text.slice(at + 1 + query.length);
  const space = /^\s/.test(after) ? "" : " ";
  const before = `${text.slice(0, at)}@${name}`;
  return { text: before + space + after, cursor: before.length + 1 };
}
