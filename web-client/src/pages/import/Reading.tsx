// How a file is read: its first row, the character between fields, the decimal mark, the language, the zone where it counts,
// and the encoding; and the doubts of the server.
import type { PreviewImportResponse } from "../../gen/gridloom/v1/sheets_pb.ts";
import { Select } from "../../ui/Select.tsx";
import { withoutOptions } from "../shared/without-options.ts";
import { DELIMITERS, type How, hasInstants } from "./how.ts";
import { LanguageChoice, ZoneChoice } from "./Notation.tsx";

interface ReadingProps {
  /** Undefined until the file is read, or while it can't be. */
  shown: PreviewImportResponse | undefined;
  how: How;
  disabled: boolean;
  onChange: (how: How) => void;
  /** `header`: a workbook has no other choice; `kinds`: those of the columns alone, which the preview has. */
  parts?: "all" | "header" | "kinds";
}

const DECIMAL_MARKS: Readonly<Record<string, string>> = { ".": "Point: 1.5", ",": "Comma: 1,5" };

const ENCODINGS: Readonly<Record<string, string>> = {
  "utf-8": "UTF-8",
  "utf-16le": "UTF-16",
  "utf-16be": "UTF-16, big-endian",
  "windows-1252": "Western (Windows-1252)",
  "iso-8859-15": "Western (ISO 8859-15)",
  "windows-1250": "Central European (Windows-1250)",
  "windows-1251": "Cyrillic (Windows-1251)",
  "windows-1253": "Greek (Windows-1253)",
  "windows-1254": "Turkish (Windows-1254)",
  "windows-1255": "Hebrew (Windows-1255)",
  "windows-1256": "Arabic (Windows-1256)",
  shift_jis: "Japanese (Shift JIS)",
  gb18030: "Chinese (GB 18030)",
  big5: "Chinese (Big5)",
  "euc-kr": "Korean (EUC-KR)",
  macintosh: "Western (Macintosh)",
};

/** While a file is not read, its form is unknown, as far as no person has chosen it. */
const UNKNOWN = "Not known yet";

/** The choices, with the present one among them. */
function options(labels: Readonly<Record<string, string>>, present: string) {
  const all = present in labels ? labels : { ...labels, [present]: present || UNKNOWN };
  return Object.entries(all).map(([value, label]) => ({ value, label }));
}

export function Reading({ parts = "all", ...props }: ReadingProps) {
  const { shown } = props;
  return (
    <>
      {shown === undefined || parts === "kinds" ? null : <FirstRow {...props} shown={shown} />}
      {parts === "all" ? <Form {...props} /> : null}
      <ul className="import-doubts" aria-live="polite" data-testid="import-doubts">
        {doubtsOf(shown).map((doubt) => (
          <li key={doubt}>{doubt}</li>
        ))}
      </ul>
    </>
  );
}

/** The form of a CSV file. */
function Form({ shown, how, disabled, onChange }: ReadingProps) {
  // An earlier server names no decimal mark: it reads a point.
  const found = shown === undefined ? "" : shown.decimalMark || ".";
  const decimalMark = how.decimalMark || found;
  const delimiter = how.delimiter || (shown?.delimiter ?? "");
  const encoding = how.encoding || (shown?.encoding ?? "");
  return (
    <div className="import-reading">
      <Select
        label="Between values"
        options={options(DELIMITERS, delimiter)}
        value={delimiter}
        disabled={disabled}
        onChange={(delimiter) => onChange({ ...how, delimiter })}
        testId="import-delimiter"
      />
      <Select
        label="Decimal mark"
        options={options(DECIMAL_MARKS, decimalMark)}
        value={decimalMark}
        disabled={disabled}
        onChange={(decimalMark) => onChange({ ...how, decimalMark, locale: undefined })}
        testId="import-decimal-mark"
      />
      <LanguageChoice how={how} disabled={disabled} onChange={onChange} />
      {hasInstants(how.kinds) ? (
        <ZoneChoice how={how} disabled={disabled} onChange={onChange} />
      ) : null}
      <Select
        label="Encoding"
        options={options(ENCODINGS, encoding)}
        value={encoding}
        disabled={disabled}
        onChange={(encoding) => onChange({ ...how, encoding })}
        testId="import-encoding"
      />
    </div>
  );
}

/** What the person should look at, as sentences. */
function doubtsOf(shown: PreviewImportResponse | undefined): string[] {
  if (shown === undefined) return [];
  const doubts = shown.doubts
    .map(withoutOptions)
    .map((doubt) => `${doubt.charAt(0).toUpperCase()}${doubt.slice(1)}.`);
  const header = "The first row looks like data, so it is read as data.";
  return shown.isHeaderInDoubt ? [header, ...doubts] : doubts;
}

function FirstRow({
  shown,
  how,
  disabled,
  onChange,
}: ReadingProps & { shown: PreviewImportResponse }) {
  const choice = (header: boolean, label: string, testId: string) => (
    <label>
      <input
        type="radio"
        name="header"
        checked={(how.header ?? shown.hasHeader) === header}
        data-testid={testId}
        onChange={() => onChange({ ...how, header })}
      />
      {label}
    </label>
  );
  return (
    <fieldset className="choice" disabled={disabled}>
      <legend>First row is a header</legend>
      {choice(true, "Yes", "header-yes")}
      {choice(false, "No, name the columns A, B, C", "header-no")}
    </fieldset>
  );
}
