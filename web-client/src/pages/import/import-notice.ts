// The notice after an import: what it has repaired, and which guesses may be wrong.
import type { Imported } from "../../api/transfer.ts";
import { count, plural } from "../../base/text.ts";
import { withoutOptions } from "../shared/without-options.ts";

/** The most guesses that the notice names. */
const MOST_NAMED = 6;

/** One notice, with a list of several guesses; undefined where there is nothing to say. */
export function importNotice({
  repairedRows,
  doubts: ofServer,
}: Pick<Imported, "repairedRows" | "doubts">): string | undefined {
  const doubts = ofServer.map(withoutOptions);
  const parts: string[] = [];
  if (repairedRows > 0) parts.push(`${plural(repairedRows, "row")} repaired.`);
  if (doubts.length === 1) parts.push(`Please check: ${doubts[0]}.`);
  if (doubts.length > 1) {
    const named = doubts.slice(0, MOST_NAMED);
    const more = doubts.length - named.length;
    parts.push(
      "Please check:",
      ...named.map((doubt) => `• ${doubt.charAt(0).toUpperCase()}${doubt.slice(1)}.`),
    );
    if (more > 0) parts.push(`and ${count(more)} more`);
  }
  return parts.length === 0 ? undefined : parts.join("\n");
}
