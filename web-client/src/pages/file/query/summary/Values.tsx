// The most frequent values of a column, each with its count and a bar. A click filters the rows by the value.
import { count, plural } from "../../../../base/text.ts";
import { plainValue } from "../../../../cells/values.ts";
import type { SummarizeColumnResponse } from "../../../../gen/gridloom/v1/tables_pb.ts";
import type { ColumnKind, Value } from "../../../../gen/gridloom/v1/values_pb.ts";
import { valueText } from "../chips/chip-text.ts";
import type { Condition } from "../query.ts";
import { conditionOf, shareText } from "./summary-facts.ts";

interface ValuesProps {
  summary: SummarizeColumnResponse;
  col: number;
  kind: ColumnKind;
  decimal: string;
  onFilter: (condition: Condition) => void;
}

interface Entry {
  value: Value | undefined;
  text: string;
  rows: number;
}

function entriesOf({ summary, kind, decimal }: ValuesProps): Entry[] {
  const entries = summary.values.map(({ value, rows }) => ({
    value,
    text: valueText(plainValue(value), kind, decimal),
    rows: Number(rows),
  }));
  const empty = { value: undefined, text: "(empty)", rows: Number(summary.emptyRows) };
  return empty.rows > 0 ? [...entries, empty] : entries;
}

export function Values(props: ValuesProps) {
  const { summary, col, onFilter } = props;
  const entries = entriesOf(props);
  const all = Number(summary.rows);
  const most = Math.max(1, ...entries.map(({ rows }) => rows));
  const rest = Number(summary.distinct) - summary.values.length;
  if (entries.length === 0) return null;
  return (
    <section aria-label="Most frequent values">
      <h3>Most frequent values</h3>
      <ul className="summary-values">
        {entries.map(({ value, text, rows }, at) => (
          // Values of two kinds may have the same text.
          // biome-ignore lint/suspicious/noArrayIndexKey: the list of an answer never changes
          <li key={at}>
            <button
              type="button"
              className="summary-value"
              title="Show the rows that have it"
              data-testid="summary-value"
              onClick={() => onFilter(conditionOf(col, value))}
            >
              <span className="summary-text">{text}</span>
              <span className="summary-bar" aria-hidden="true">
                <span style={{ width: `${(100 * rows) / most}%` }} />
              </span>
              <span className="summary-count">{count(rows)}</span>
              <span className="summary-share">{shareText(rows, all)}</span>
            </button>
          </li>
        ))}
      </ul>
      {rest > 0 ? <p className="summary-about">{`And ${plural(rest, "other value")}.`}</p> : null}
    </section>
  );
}
