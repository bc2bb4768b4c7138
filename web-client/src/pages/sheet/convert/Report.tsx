// What a conversion would do, with the first values that it would write in another way or leave as they are.
import type {
  ConversionExample,
  ConvertColumnResponse,
} from "../../../gen/gridloom/v1/conversion_pb.ts";
import type { ColumnKind } from "../../../gen/gridloom/v1/values_pb.ts";
import { exampleText, further, keptTitle, rewrittenTitle, stoppedText, summary } from "./report.ts";

/** The most values of a list that is open at first. */
const OPEN_MOST = 5;

/** Why there is nothing to press. */
const NOTHING_CONVERTS = "“Convert” would change no value. The kind alone can be changed.";

interface ReportProps {
  report: ConvertColumnResponse;
  kind: ColumnKind;
}

export function Report({ report, kind }: ReportProps) {
  const { converted, rewritten, rewrittenValues, kept, keptValues } = report;
  const stopped = stoppedText(report);
  return (
    <div className="stack" role="status" data-testid="convert-report">
      <p>{summary(report, kind, false)}</p>
      {stopped === undefined ? null : <p>The count is not complete. {stopped}</p>}
      {converted > 0n ? null : <p className="note">{NOTHING_CONVERTS}</p>}
      {rewritten > 0n ? (
        <Examples title={rewrittenTitle(rewritten)} values={rewrittenValues} all={rewritten} />
      ) : null}
      {kept > 0n ? <Examples title={keptTitle(kept)} values={keptValues} all={kept} /> : null}
    </div>
  );
}

interface ExamplesProps {
  title: string;
  values: readonly ConversionExample[];
  all: bigint;
}

function Examples({ title, values, all }: ExamplesProps) {
  const more = further(all, values.length);
  return (
    <details open={values.length <= OPEN_MOST}>
      <summary>{title}</summary>
      <ul className="convert-examples">
        {values.map((value) => (
          <li key={value.rowId.toString()}>{exampleText(value)}</li>
        ))}
        {more === undefined ? null : <li>{more}</li>}
      </ul>
    </details>
  );
}
