// The first rows of what is made, with the new columns marked.
import { useEffect, useRef } from "react";
import { plural } from "../../../../base/text.ts";
import { columnLetters } from "../../../../cells/column-names.ts";
import { formatValue, plainValue } from "../../../../cells/values.ts";
import type { PreviewRow } from "../../../../gen/gridloom/v1/sheets_pb.ts";
import { useDecimalMark } from "../../../shared/use-decimal-mark.ts";
import { type Columns, titleOf } from "./columns.ts";
import { shownColumns } from "./shown-columns.ts";

interface PreviewTableProps {
  label: string;
  columns: Columns;
  rows: readonly PreviewRow[];
  /** The last ones are new. */
  fresh: number;
  /** It is of the choices before the present ones. */
  isFormer: boolean;
  /** What could not be computed or found. */
  notes: readonly string[];
}

export function PreviewTable(props: PreviewTableProps) {
  const { label, columns, rows, fresh, isFormer, notes } = props;
  const decimal = useDecimalMark() ?? ".";
  const region = useRef<HTMLElement>(null);
  const total = columns.length;
  useEffect(() => {
    // The new columns are the last ones.
    if (total > 0) region.current?.scrollTo({ left: region.current.scrollWidth });
  }, [total]);
  const shown = shownColumns(total, fresh);
  const isNew = (at: number) => at >= total - fresh;
  const text = (row: PreviewRow, at: number) =>
    formatValue(plainValue(row.values[at]), columns[at]?.kind ?? 0, decimal);
  return (
    <>
      <section
        ref={region}
        className={isFormer ? "version derive-preview former" : "version derive-preview"}
        aria-label={label}
        aria-busy={isFormer}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls is reached by keyboard
        tabIndex={0}
      >
        <table data-testid="derive-preview">
          <thead>
            <tr>
              {shown.map((at) => (
                <th key={columnLetters(at)} scope="col" className={isNew(at) ? "fresh" : undefined}>
                  {titleOf(columns, at)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, number) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows of a file have no other name
              <tr key={number}>
                {shown.map((at) => (
                  <td key={columnLetters(at)} className={isNew(at) ? "fresh" : undefined}>
                    {text(row, at)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {shown.length < total ? <p>without {plural(total - shown.length, "more column")}</p> : null}
      </section>
      <PreviewNotes notes={notes} />
    </>
  );
}

function PreviewNotes({ notes }: { notes: readonly string[] }) {
  if (notes.length === 0) return null;
  return (
    <ul className="transfer-notes" data-testid="derive-preview-notes">
      {notes.map((note) => (
        <li key={note}>{note}</li>
      ))}
    </ul>
  );
}
