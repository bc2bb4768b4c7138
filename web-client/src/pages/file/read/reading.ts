// How a file is read as tables: the choices of the person for each worksheet, as the server takes them.
//
// Invariant: what is not chosen is left to the server. Choices that the format of the file does not have are left out.
import type { MessageInitShape } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import {
  ImportRepair,
  type PreviewImportResponse,
  PreviewImportResponseSchema,
} from "../../../gen/gridloom/v1/sheets_pb.ts";
import {
  FileFormat,
  type FileReadingSchema,
  type PreviewFileResponse,
  type TableReadingSchema,
} from "../../../gen/gridloom/v1/tables_pb.ts";
import { asShown, type How, NOTHING_CHOSEN, readingOf } from "../../import/how.ts";

type FileReading = MessageInitShape<typeof FileReadingSchema>;
type TableReading = MessageInitShape<typeof TableReadingSchema>;

export interface Choices {
  /** The worksheet on the screen; empty: the first one, or a file without worksheets. */
  worksheet: string;
  /** By the names of the worksheets; empty for a file without them. */
  hows: ReadonlyMap<string, How>;
}

export const NO_CHOICES: Choices = { worksheet: "", hows: new Map() };

/** The choices for the table on the screen. */
export function howOf({ worksheet, hows }: Choices): How {
  return hows.get(worksheet) ?? NOTHING_CHOSEN;
}

/** The choices with others for the table on the screen. */
export function withHow(choices: Choices, how: How): Choices {
  return { ...choices, hows: new Map([...choices.hows, [choices.worksheet, how]]) };
}

/** Shows a worksheet. The first one was on the screen before its name was known. */
export function atWorksheet(choices: Choices, worksheet: string, first: string): Choices {
  const hows = new Map([...choices.hows].map(([name, how]) => [name || first, how]));
  return { worksheet, hows };
}

/** Which choices a format has. One that no preview has shown yet is CSV where there is a choice: a repair of its lines. */
export function partsOf(format: FileFormat): "all" | "header" | "kinds" {
  if (format === FileFormat.CSV || format === FileFormat.UNSPECIFIED) return "all";
  return format === FileFormat.XLSX ? "header" : "kinds";
}

/** Whether the lines of a format can be repaired: those of text can. */
export function mayRepair(format: FileFormat): boolean {
  return partsOf(format) === "all" || format === FileFormat.JSON_LINES;
}

const REPAIRS: readonly ImportRepair[] = [
  ImportRepair.FILL_ROWS,
  ImportRepair.LEAVE_OUT_NUL,
  ImportRepair.REPLACE_DAMAGED,
];

export function isRepaired({ repairs }: How): boolean {
  return REPAIRS.every((repair) => repairs.includes(repair));
}

/** The choices with all repairs, or with none. */
export function withRepairs(how: How, isRepaired: boolean): How {
  return { ...how, repairs: isRepaired ? REPAIRS : [] };
}

/** Whether a choice is made that only CSV has. */
export function hasCsvChoice({ delimiter, encoding, decimalMark, locale }: How): boolean {
  return [delimiter, encoding, decimalMark, locale].some(Boolean);
}

function tableOf(worksheet: string, how: How, format: FileFormat): TableReading {
  const { kinds = [], header = false, noHeader = false, repairs = [], ...rest } = readingOf(how);
  switch (partsOf(format)) {
    case "all":
      return { worksheet, options: { ...rest, kinds, header, noHeader, repairs } };
    case "header":
      return { worksheet, options: { kinds, header, noHeader } };
    case "kinds":
      return { worksheet, options: mayRepair(format) ? { kinds, repairs } : { kinds } };
  }
}

function isChosen({ kinds, repairs, ...rest }: How): boolean {
  const others = Object.values(rest).some((value) => value !== undefined);
  return others || kinds.size > 0 || repairs.length > 0;
}

/** How the table on the screen is read. `format`: as far as it is known. */
export function previewReading(choices: Choices, format: FileFormat): FileReading {
  const { worksheet } = choices;
  const how = howOf(choices);
  if (worksheet === "" && !isChosen(how)) return {};
  return { tables: [tableOf(worksheet, how, format)] };
}

/**
 * How the file is read, as the preview on the screen shows it. Without a choice, the server finds all; with one for a
 * worksheet, all worksheets are named, so that none is left out.
 */
export function fileReading(choices: Choices, shown: PreviewFileResponse): FileReading {
  const { format, worksheets } = shown;
  const [first = ""] = worksheets;
  const now = choices.worksheet || first;
  const own = atWorksheet(choices, now, first);
  // A first row that looks like data needs the choice that the preview has made.
  const header = { shown: importPreview(shown), isFormer: false };
  const how = shown.isHeaderInDoubt ? asShown(howOf(own), header) : howOf(own);
  const all = withHow(own, how);
  if (![...all.hows.values()].some(isChosen)) return {};
  const names = worksheets.length > 0 ? worksheets : [""];
  return {
    tables: names.map((name) => tableOf(name, all.hows.get(name) ?? NOTHING_CHOSEN, format)),
  };
}

/** The preview in the form of an import's, for the parts that both show. */
export function importPreview(shown: PreviewFileResponse): PreviewImportResponse {
  const { table, rows, isHeaderInDoubt, hasHeader, decimalMark } = shown;
  return create(PreviewImportResponseSchema, {
    columns: (table?.columns ?? []).map(({ name, kind }) => ({ name, kind })),
    rows,
    delimiter: table?.delimiter ?? "",
    encoding: table?.encoding ?? "",
    doubts: table?.doubts ?? [],
    hasHeader,
    isHeaderInDoubt,
    decimalMark,
  });
}
