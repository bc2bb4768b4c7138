// What the search for a person says when it has found no one.

export const LEFT_OUT =
  "There may be more people than this search has looked at. Type more of the name.";

/** `leftOut`: there may be people at whom the search has not looked. */
export function noneText(query: string, leftOut: boolean): string {
  if (leftOut) return LEFT_OUT;
  return query === ""
    ? "You find the people with whom you share a sheet. Share one to write to them."
    : `No one you can write to has a name or an address that begins with “${query}”.`;
}
