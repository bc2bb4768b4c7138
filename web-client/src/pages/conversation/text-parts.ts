// A message's text in parts: plain text, web addresses, and the persons that it mentions.
//
// Invariants: the parts together are the text, unchanged. Only addresses of http and https become links. Of several persons
// with one name, the first place of the name in the text is the first person's, and so on.
import type { Mention } from "../../gen/gridloom/v1/chat_pb.ts";

export type Part =
  | { kind: "text"; text: string }
  | { kind: "link"; text: string }
  | { kind: "mention"; text: string; id: string };

interface Named {
  id: string;
  name: string;
}

/** The persons of a message by the names that its text has. A deleted account has none. */
export function namedOf(mentions: readonly Mention[]): Named[] {
  const named = mentions.map(({ accountId, displayName, nameInText }) => ({
    id: accountId,
    name: nameInText || displayName,
  }));
  return named.filter(({ name }) => name !== "");
}

const ADDRESS = /https?:\/\/[^\s<>"]+/g;
/** Signs at the end of an address that belong to the sentence around it. */
const AFTER_ADDRESS = /[.,;:!?'")\]]+$/;

function links(text: string): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = match[0].replace(AFTER_ADDRESS, "");
    parts.push({ kind: "text", text: text.slice(end, match.index) });
    parts.push({ kind: "link", text: address });
    end = match.index + address.length;
  }
  parts.push({ kind: "text", text: text.slice(end) });
  return parts.filter((part) => part.text !== "");
}

/** True when no letter or digit continues the name. */
function ends(text: string, at: number): boolean {
  return !/^[\p{L}\p{N}]/u.test(text.slice(at, at + 2));
}

/** The persons whose mention begins at a place of the text: of two names, those with the longer one. */
function mentionedAt(text: string, at: number, named: readonly Named[]): readonly Named[] {
  // In an e-mail address, a character stands before the @.
  if (/[\p{L}\p{N}]$/u.test(text.slice(Math.max(0, at - 2), at))) return [];
  const fits = named.filter(
    ({ name }) => text.startsWith(name, at + 1) && ends(text, at + 1 + name.length),
  );
  const longest = Math.max(...fits.map(({ name }) => name.length));
  return fits.filter(({ name }) => name.length === longest);
}

export function partsOf(text: string, named: readonly Named[]): Part[] {
  const parts: Part[] = [];
  /** The places of each name so far. */
  const places = new Map<string, number>();
  let end = 0;
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", Math.max(at + 1, end))) {
    const persons = mentionedAt(text, at, named);
    const place = places.get(persons[0]?.name ?? "") ?? 0;
    const found = persons[place] ?? persons.at(-1);
    if (found === undefined) continue;
    places.set(found.name, place + 1);
    parts.push(...links(text.slice(end, at)));
    end = at + 1 + found.name.length;
    parts.push({ kind: "mention", text: text.slice(at, end), id: found.id });
  }
  return [...parts, ...links(text.slice(end))];
}

/** Those of some persons that a text mentions. */
export function mentionedIn<T extends Named>(text: string, named: readonly T[]): T[] {
  const ids = new Set(partsOf(text, named).flatMap((part) => ("id" in part ? [part.id] : [])));
  return named.filter(({ id }) => ids.has(id));
}

/** Those that a text mentions once a person was chosen for the @ at a place. */
export function mentionedWith<T extends Named>(
  text: string,
  at: number,
  named: readonly T[],
  person: T,
): T[] {
  const others = named.filter(({ id }) => id !== person.id);
  const earlier = partsOf(text.slice(0, at), [person]).filter(({ kind }) => kind === "mention");
  const [same, different] = [
    others.filter(({ name }) => name === person.name),
    others.filter(({ name }) => name !== person.name),
  ];
  const place = earlier.length;
  return mentionedIn(text, [...different, ...same.slice(0, place), person, ...same.slice(place)]);
}
