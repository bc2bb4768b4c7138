// What is inserted into a formula: a column or a function.

export interface Inserted {
  formula: string;
  /** Where the caret stands after it, in UTF-16 units as a field counts them. */
  caret: number;
}

/** A column as a formula names it. */
export function reference(name: string): string {
  return `[${name.replaceAll("]", "]]")}]`;
}

/** A text in place of a part of a formula. */
export function inserted(formula: string, from: number, to: number, text: string): Inserted {
  const before = formula.slice(0, from);
  // The caret of a function stands between its parentheses.
  const inside = text.endsWith("()") ? 1 : 0;
  return {
    formula: `${before}${text}${formula.slice(to)}`,
    caret: before.length + text.length - inside,
  };
}

/** A formula around the character at a position, which counts characters. */
export function around(formula: string, at: number): readonly [string, string, string] {
  const all = [...formula];
  return [all.slice(0, at).join(""), all[at] ?? "", all.slice(at + 1).join("")];
}
