// The message of a language that was set for a new account.

function nameOf(tag: string): string {
  try {
    return new Intl.DisplayNames(["en"], { type: "language" }).of(tag) ?? tag;
  } catch {
    // A tag with an extension has no name.
    return tag;
  }
}

/** `examples`: a number and a day, as the engine writes them. */
export function firstLocaleText(tag: string, examples: readonly string[]): string {
  const shown = examples.length === 0 ? "" : ` (${examples.join(" · ")})`;
  return `Numbers and days are read as in ${nameOf(tag)}${shown}.`;
}
