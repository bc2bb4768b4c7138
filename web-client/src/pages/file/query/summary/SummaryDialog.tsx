// What the values of a column are: how many, the least and the greatest, the most frequent ones, and how they are distributed.
import type { SummarizeColumnResponse, Table } from "../../../../gen/gridloom/v1/tables_pb.ts";
import type { ColumnKind } from "../../../../gen/gridloom/v1/values_pb.ts";
import { Button } from "../../../../ui/Button.tsx";
import { Dialog } from "../../../../ui/Dialog.tsx";
import { useDecimalMark } from "../../../shared/use-decimal-mark.ts";
import { kindOf, titleOf } from "../chips/chip-text.ts";
import type { Condition } from "../query.ts";
import { queryProblem } from "../view/query-problem.ts";
import { Ranges } from "./Ranges.tsx";
import { barsOf, factsOf } from "./summary-facts.ts";
import { useSummary } from "./use-summary.ts";
import { Values } from "./Values.tsx";

interface SummaryDialogProps {
  fileId: string;
  table: Table;
  col: number;
  /** Only the rows that match are counted. */
  conditions: readonly Condition[];
  onFilter: (added: readonly Condition[]) => void;
  onClose: () => void;
}

export default function SummaryDialog(props: SummaryDialogProps) {
  const { fileId, table, col, conditions, onFilter, onClose } = props;
  const { data, error, isFetching, refetch } = useSummary(fileId, table, col, conditions);
  const kind = kindOf(table.columns, col);
  const title = `Values of “${titleOf(table.columns, col)}”`;
  return (
    <Dialog title={title} onClose={onClose} testId="summary-dialog" wide>
      {data === undefined ? null : (
        <Summary
          {...{ summary: data, col, kind }}
          isFiltered={conditions.length > 0}
          onFilter={(condition) => onFilter([condition])}
        />
      )}
      {data === undefined && isFetching ? (
        <p className="summary-wait" role="status" data-testid="summary-wait">
          <span className="spinner" aria-hidden="true" />
          Counting the values…
        </p>
      ) : null}
      {data === undefined && error !== null && !isFetching ? (
        <div className="summary-problem" role="alert" data-testid="summary-problem">
          <p>{queryProblem(error)}</p>
          <Button onClick={() => void refetch()}>Try again</Button>
        </div>
      ) : null}
    </Dialog>
  );
}

interface SummaryProps {
  summary: SummarizeColumnResponse;
  col: number;
  kind: ColumnKind;
  isFiltered: boolean;
  onFilter: (condition: Condition) => void;
}

function Summary({ summary, col, kind, isFiltered, onFilter }: SummaryProps) {
  const decimal = useDecimalMark() ?? ".";
  const bars = barsOf(summary, kind, decimal);
  return (
    <div className="summary" data-testid="summary">
      {isFiltered ? <p className="summary-about">Only the rows that match are counted.</p> : null}
      <dl className="summary-facts">
        {factsOf(summary, kind, decimal).map(({ name, text }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd data-testid={`summary-${name.toLowerCase().replaceAll(" ", "-")}`}>{text}</dd>
          </div>
        ))}
      </dl>
      <Values {...{ summary, col, kind, decimal, onFilter }} />
      {bars.length > 1 ? <Ranges bars={bars} /> : null}
    </div>
  );
}
