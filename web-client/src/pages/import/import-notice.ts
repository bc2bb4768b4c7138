// The notice after an import: what it has repaired, and which guesses may be wrong.
import type { Imported } from "../../api/transfer.ts";
import { plural } from "../../base/text.ts";

/** One notice, with a list of several guesses; undefined where there is nothing to say. */
export function importNotice({
  repairedRows,
  doubts,
}: Pick<Imported, "repairedRows" | "doubts">): string | undefined {
  const parts: string[] = [];
  if (repairedRows > 0) parts.push(`${plural(repairedRows, "row")} repaired.`);
  if (doubts.length === 1) parts.push(`Please check: ${doubts[0]}.`);
  if (doubts.length > 1)
    parts.push(
      "Please check:",
      ...doubts.map((doubt) => `• ${doubt.charAt(0).toUpperCase()}${doubt.slice(1)}.`),
    );
  return parts.length === 0 ? undefined : parts.join("\n");
}
