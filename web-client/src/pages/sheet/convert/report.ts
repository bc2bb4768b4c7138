// What a conversion of a column does, as sentences.
import { refusalText } from "../../../api/errors.ts";
import { count, plural } from "../../../base/text.ts";
import type {
  ConversionExample,
  ConvertColumnResponse,
} from "../../../gen/gridloom/v1/conversion_pb.ts";
import { ColumnKind } from "../../../gen/gridloom/v1/values_pb.ts";
import { withoutOptions } from "../../shared/without-options.ts";

/** One value of a kind, and several. */
const NOUNS: Readonly<Partial<Record<ColumnKind, readonly [string, string]>>> = {
  [ColumnKind.TEXT]: ["a text", "texts"],
  [ColumnKind.NUMBER]: ["a number", "numbers"],
  [ColumnKind.BOOL]: ["a checkbox", "checkboxes"],
  [ColumnKind.DATE]: ["a date", "dates"],
  [ColumnKind.LOCAL_DATETIME]: ["a date and time", "dates and times"],
  [ColumnKind.DATETIME]: ["an instant", "instants"],
  [ColumnKind.CHOICE]: ["an option of the list", "options of the list"],
  [ColumnKind.CHOICES]: ["a list of options", "lists of options"],
  [ColumnKind.LINK]: ["a link", "links"],
  [ColumnKind.EMAIL]: ["an e-mail address", "e-mail addresses"],
};
const VALUE = ["a value of the kind", "values of the kind"] as const;

function have(n: bigint, one: string, many: string): string {
  return n === 1n ? one : many;
}

/** What a conversion would do with the values, or has done. */
export function summary(report: ConvertColumnResponse, kind: ColumnKind, isDone: boolean): string {
  const { converted, fitting, kept } = report;
  const parts: string[] = [];
  if (converted > 0n) {
    const verb = isDone ? "became" : have(converted, "becomes", "become");
    const [one, many] = NOUNS[kind] ?? VALUE;
    parts.push(`${plural(Number(converted), "value")} ${verb} ${have(converted, one, many)}.`);
  }
  if (fitting > 0n)
    parts.push(`${plural(Number(fitting), "value")} ${have(fitting, "fits", "fit")} already.`);
  if (kept > 0n) {
    const stay = have(kept, "stays as it is", "stay as they are");
    parts.push(`${plural(Number(kept), "value")} ${stay}, with a mark.`);
  }
  if (parts.length > 0) return parts.join(" ");
  return report.edits > 0 ? "The column has the new kind." : "The column has no values.";
}

/** Why the report is not about all values; undefined where it is. */
export function stoppedText({ stopped }: ConvertColumnResponse): string | undefined {
  return stopped === "" ? undefined : refusalText(stopped);
}

/** Whether a conversion has nothing to decide: no value changes, and each fits. */
export function isTrivial({ converted, kept, stopped }: ConvertColumnResponse): boolean {
  return converted === 0n && kept === 0n && stopped === "";
}

/** How many values are written in another way, as the title of a list. */
export function rewrittenTitle(rewritten: bigint): string {
  return rewritten === 1n
    ? "One value is written in another way then:"
    : `${count(Number(rewritten))} values are written in another way then:`;
}

/** How many values stay, as the title of a list. */
export function keptTitle(kept: bigint): string {
  return kept === 1n ? "This value stays as it is:" : "These values stay as they are:";
}

/** An example as a line: the row, the text, and what becomes of it. */
export function exampleText({ row, text, becomes, reason }: ConversionExample): string {
  const rest = reason === "" ? ` becomes “${becomes}”` : `: ${withoutOptions(reason)}`;
  return `Row ${count(row + 1)}: “${text}”${rest}`;
}

/** How many further values a list leaves out; undefined for none. */
export function further(all: bigint, shown: number): string | undefined {
  const left = Number(all) - shown;
  return left > 0 ? `and ${count(left)} more` : undefined;
}
