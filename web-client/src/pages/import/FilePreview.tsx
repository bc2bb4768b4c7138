// Shows the first rows of a file as an import reads them; the kind of each column can be chosen.
import { plural } from "../../base/text.ts";
import { columnLetters, columnTitle } from "../../cells/column-names.ts";
import { plainValue } from "../../cells/values.ts";
import type { PreviewImportResponse } from "../../gen/gridloom/v1/sheets_pb.ts";
import { type Column, ColumnKind } from "../../gen/gridloom/v1/values_pb.ts";
import { shownTexts } from "../../grid/draw/column-forms.ts";
import { KINDS } from "../../grid/draw/columns.ts";
import { Choice } from "../../ui/Select.tsx";
import type { How } from "./how.ts";
import { misfitsOf } from "./misfits.ts";

interface FilePreviewProps {
  shown: PreviewImportResponse;
  /** The decimal mark of the reader. */
  decimal: string;
  how: How;
  disabled: boolean;
  onChange: (how: How) => void;
  /** Rows that are shown. */
  most?: number;
}

/** Columns and rows that are shown. */
const COLUMNS_SHOWN = 50;
const ROWS_SHOWN = 6;
/** A list has no options yet. */
const OPTIONS = KINDS.filter(
  ({ kind }) => kind !== ColumnKind.CHOICE && kind !== ColumnKind.CHOICES,
).map(({ kind, label }) => ({ value: String(kind), label }));

export function FilePreview({
  shown,
  decimal,
  how,
  disabled,
  onChange,
  most = ROWS_SHOWN,
}: FilePreviewProps) {
  const columns = shown.columns.slice(0, COLUMNS_SHOWN);
  const more = shown.columns.length - columns.length;
  const text = shownTexts(columns, decimal);
  const choose = (col: number, kind: ColumnKind) =>
    onChange({ ...how, kinds: new Map([...how.kinds, [col, kind]]) });
  const misfits = misfitsOf(columns, shown.rows.slice(0, most));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls is reached by keyboard
    <section className="version import-preview" aria-label="Preview" tabIndex={0}>
      <table data-testid="import-preview">
        <thead>
          <tr>
            {columns.map((column, col) => (
              <th key={columnLetters(col)} scope="col">
                {columnTitle(column, col)}
                <KindChoice
                  {...{ column, col, disabled }}
                  kind={how.kinds.get(col) ?? column.kind}
                  onChange={(kind) => choose(col, kind)}
                />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.rows.slice(0, most).map((row, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of a file have no other name
            <tr key={at}>
              {columns.map((_, col) => (
                <Shown key={columnLetters(col)} why={misfits[at]?.[col]}>
                  {text(plainValue(row.values[col]), col)}
                </Shown>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {more > 0 ? <p>and {plural(more, "more column")}</p> : null}
    </section>
  );
}

/** A value; `why`: it does not fit the kind of its column, which the grid marks in the same way. */
function Shown({ why, children }: { why: string | undefined; children: string }) {
  if (why === undefined) return <td>{children}</td>;
  return (
    <td className="misfit" title={`Does not fit: ${why}`}>
      {children}
    </td>
  );
}

interface KindChoiceProps {
  column: Column;
  col: number;
  kind: ColumnKind;
  disabled: boolean;
  onChange: (kind: ColumnKind) => void;
}

function KindChoice({ column, col, kind, disabled, onChange }: KindChoiceProps) {
  return (
    <Choice
      tied={{ "aria-label": `Kind of ${columnTitle(column, col)}` }}
      options={OPTIONS}
      value={String(kind || ColumnKind.ANY)}
      disabled={disabled}
      onChange={(kind) => onChange(Number(kind))}
      testId={`import-kind-${col}`}
    />
  );
}
