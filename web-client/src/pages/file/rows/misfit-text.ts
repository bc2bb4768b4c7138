// Why a value does not fit its column, for a person who can't enter another one here.

const TEXT = /^a text; enter it without an apostrophe to make it (.+)$/;
/** The engine's word for a kind without a name of its own. */
const UNNAMED = "one that fits";

/** The engine's reason without its advice on what to enter, which follows a semicolon. */
export function misfitText(reason: string): string {
  const kind = TEXT.exec(reason)?.[1];
  if (kind !== undefined && kind !== UNNAMED) return `a text, not ${kind}`;
  return reason.split("; ", 1)[0] ?? reason;
}
