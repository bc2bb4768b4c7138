// The name that a person has typed for a column.

/** Without space at its ends; undefined when nothing is changed, also at a name that has such space. */
export function newName(name: string, text: string): string | undefined {
  const next = text.trim();
  return text === name || next === name ? undefined : next;
}
