// How the values of a column are distributed: a bar for each range, and the same as a table for screen readers.
import { count, plural } from "../../../../base/text.ts";
import type { Bar } from "./summary-facts.ts";

export function Ranges({ bars }: { bars: readonly Bar[] }) {
  return (
    <section aria-label="Distribution">
      <h3>Distribution</h3>
      <div className="summary-chart" aria-hidden="true" data-testid="summary-chart">
        {bars.map(({ from, to, rows, height }, at) => (
          // Long texts of two ends may be the same.
          // biome-ignore lint/suspicious/noArrayIndexKey: the list of an answer never changes
          <span key={at} title={`${from} to ${to}: ${plural(rows, "row")}`}>
            {/* A range with few rows is no empty one. */}
            <span style={{ height: rows === 0 ? 0 : `max(2px, ${100 * height}%)` }} />
          </span>
        ))}
      </div>
      <p className="summary-ends" aria-hidden="true">
        <span>{bars[0]?.from}</span>
        <span>{bars.at(-1)?.to}</span>
      </p>
      <table className="visually-hidden">
        <caption>Rows by range</caption>
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">To</th>
            <th scope="col">Rows</th>
          </tr>
        </thead>
        <tbody>
          {bars.map(({ from, to, rows }, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: as above
            <tr key={at}>
              <td>{from}</td>
              <td>{to}</td>
              <td>{count(rows)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
