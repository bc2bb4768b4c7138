// A message's text in parts: plain text, web addresses, and the persons that it mentions.
//
// Invariant: the parts together are the text, unchanged. Only addresses of http and https become links.

export type Part =
  | { kind: "text"; text: string }
  | { kind: "link"; text: string }
  | { kind: "mention"; text: string; id: string };

interface Named {
  id: string;
  name: string;
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

/** The mention that begins at a place of the text; of two, the one with the longer name. */
function mentionAt(text: string, at: number, named: readonly Named[]): Named | undefined {
  // In an e-mail address, a character stands before the @.
  if (/[\p{L}\p{N}]$/u.test(text.slice(Math.max(0, at - 2), at))) return undefined;
  const fits = named.filter(
    ({ name }) => text.startsWith(name, at + 1) && ends(text, at + 1 + name.length),
  );
  return fits.sort((a, b) => b.name.length - a.name.length)[0];
}

export function partsOf(text: string, named: readonly Named[]): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", Math.max(at + 1, end))) {
    const found = mentionAt(text, at, named);
    if (found === undefined) continue;
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
