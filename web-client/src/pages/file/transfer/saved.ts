// What a table or a sheet is saved as: the formats that a person may choose, and the names of files.
import type { MessageInitShape } from "@bufbuild/protobuf";
import { ExportForm } from "../../../gen/gridloom/v1/sheets_pb.ts";
import { SavedFormat, type SavedFormSchema } from "../../../gen/gridloom/v1/transfers_pb.ts";

export type Choice = "xlsx" | "csv" | "csv-programs" | "tsv" | "jsonl" | "parquet";

interface Saved {
  value: Choice;
  label: string;
  about: string;
  format: SavedFormat;
  form: ExportForm;
  /** The ending of the file's name. */
  ending: string;
}

const { PROGRAMS, SPREADSHEETS, UNSPECIFIED } = ExportForm;

/** The choices, the most usual one first. */
export const CHOICES: readonly Saved[] = [
  {
    value: "xlsx",
    label: "Excel workbook",
    about: "Numbers, dates and texts as Excel has them",
    format: SavedFormat.XLSX,
    form: UNSPECIFIED,
    ending: "xlsx",
  },
  {
    value: "csv",
    label: "CSV for spreadsheets",
    about: "No text is run as a formula",
    format: SavedFormat.CSV,
    form: SPREADSHEETS,
    ending: "csv",
  },
  {
    value: "csv-programs",
    label: "CSV for programs",
    about: "Each value exactly as it is",
    format: SavedFormat.CSV,
    form: PROGRAMS,
    ending: "csv",
  },
  {
    value: "tsv",
    label: "Tab-separated values",
    about: "As CSV for programs, with tabs",
    format: SavedFormat.TSV,
    form: PROGRAMS,
    ending: "tsv",
  },
  {
    value: "jsonl",
    label: "JSON lines",
    about: "An object for each row",
    format: SavedFormat.JSON_LINES,
    form: UNSPECIFIED,
    ending: "jsonl",
  },
  {
    value: "parquet",
    label: "Parquet",
    about: "Small, and fast for programs that analyse it",
    format: SavedFormat.PARQUET,
    form: UNSPECIFIED,
    ending: "parquet",
  },
];

export function savedAs(choice: Choice): Saved {
  const found = CHOICES.find(({ value }) => value === choice);
  if (found === undefined) throw new Error(`no format ${choice}`);
  return found;
}

const ENDINGS = /\.(csv|tsv|txt|jsonl|ndjson|json|parquet|xlsx)$/i;
const NAME_LONGEST = 200;

/** The name of a file with the ending of a format in place of another one. */
export function withEnding(name: string, choice: Choice): string {
  const { ending } = savedAs(choice);
  const stem = name.replace(ENDINGS, "").trim() || "Rows";
  const room = NAME_LONGEST - ending.length - 1;
  return `${[...stem].slice(0, room).join("")}.${ending}`;
}

/** A format, and the name of the file. */
export interface SavedAs {
  choice: Choice;
  file: string;
}

/** The same for a request. */
export function savedForm({ choice, file }: SavedAs): MessageInitShape<typeof SavedFormSchema> {
  const { format, form } = savedAs(choice);
  return { format, form, name: file.trim() };
}
