// The message of a language that was set for a new account.

function nameOf(tag: string): string {
  try {
    return new Intl.DisplayNames(["en"], { type: "language" }).of(tag) ?? tag;
  } catch {
    // A tag with an extension has no name.
    return tag;
  }
}

export function firstLocaleText(tag: string): string {
  const number = new Intl.NumberFormat(tag).format(1234.5);
  return `Numbers and days are read as in ${nameOf(tag)} (${number}).`;
}
