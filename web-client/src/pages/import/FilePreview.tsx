// Shows the first rows of a file, and asks whether the first row is a header.
import { columnLetters } from "../../cells/column-names.ts";
import type { Preview } from "./preview.ts";

interface FilePreviewProps {
  /** Undefined until the beginning of the file is read. */
  preview: Preview | undefined;
  header: boolean;
  disabled: boolean;
  onHeader: (header: boolean) => void;
}

export function FilePreview({ preview, header, disabled, onHeader }: FilePreviewProps) {
  const rows = preview?.rows ?? [];
  if (rows.length === 0) return null;
  const [first = [], ...below] = rows;
  const names = header ? first : first.map((_, col) => columnLetters(col));
  const body = header ? below : rows;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls is reached by keyboard */}
      <section className="version" aria-label="Preview" tabIndex={0}>
        <table data-testid="import-preview">
          <thead>
            <tr>
              {names.map((name, col) => (
                <th key={columnLetters(col)} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {body.map((row, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows of a file have no other name
              <tr key={at}>
                {row.map((field, col) => (
                  <td key={columnLetters(col)}>{field}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <fieldset className="choice" disabled={disabled}>
        <legend>First row is a header</legend>
        <label>
          <input
            type="radio"
            name="header"
            checked={header}
            data-testid="header-yes"
            onChange={() => onHeader(true)}
          />
          Yes
        </label>
        <label>
          <input
            type="radio"
            name="header"
            checked={!header}
            data-testid="header-no"
            onChange={() => onHeader(false)}
          />
          No, name the columns A, B, C
        </label>
      </fieldset>
    </>
  );
}
