// The dialog that joins the answers of a remote API to the rows of a file.
import { useCallback, useState } from "react";
import { derivations } from "../../../../api/clients/derivations.ts";
import { Button } from "../../../../ui/Button.tsx";
import { sourceOf } from "../../transfer/target.ts";
import type { DeriveProps } from "../made/derive-props.ts";
import { MakeDialog } from "../made/MakeDialog.tsx";
import { PreviewTable } from "../made/PreviewTable.tsx";
import { type EnrichDraft, enrichmentOf, FIRST_ENRICHMENT, problemsOf } from "./draft.ts";
import { EnrichFields } from "./EnrichFields.tsx";
import { previewProblem, refusedFields } from "./refused.ts";
import { type Try, useTry } from "./use-try.ts";

export default function EnrichDialog({ rows, name, columns, about, onClose }: DeriveProps) {
  const [draft, setDraft] = useState<EnrichDraft>(FIRST_ENRICHMENT);
  const [isPressed, setPressed] = useState(false);
  const attempt = useTry(rows);
  const own = problemsOf(draft, columns);
  const begin = useCallback<Parameters<typeof MakeDialog>[0]["begin"]>(
    async (saved, requestId) => {
      const request = { source: sourceOf(rows), enrichment: enrichmentOf(draft), saved, requestId };
      return (await derivations.enrichTable(request)).job;
    },
    [rows, draft],
  );
  const ask = () => {
    setPressed(true);
    if (own.size === 0) attempt.ask(draft);
  };
  return (
    <MakeDialog
      {...{ about, name, begin, onClose }}
      title="Enrich from a web API"
      testId="derive-enrich"
      verb="Make the file"
      end="enriched"
      isLacking={own.size > 0}
      isPlaced={(refusal) => refusedFields(refusal).size > 0}
    >
      {({ isTried, disabled, refusal, changed }) => {
        const refused = new Map([...refusedFields(attempt.error), ...refusedFields(refusal)]);
        const isShown = isTried || isPressed;
        return (
          <>
            <EnrichFields
              {...{ draft, columns, disabled }}
              problem={(field) => (isShown ? own.get(field) : undefined) ?? refused.get(field)}
              onChange={(next) => {
                changed();
                attempt.reset();
                setDraft(next);
              }}
            />
            <Attempt {...{ attempt, disabled, ask }} fresh={draft.take.length} />
          </>
        );
      }}
    </MakeDialog>
  );
}

interface AttemptProps {
  attempt: Try;
  /** Columns that are taken. */
  fresh: number;
  disabled: boolean;
  ask: () => void;
}

/** The button that asks the API for the first ten keys, and what came of it. */
function Attempt({ attempt, fresh, disabled, ask }: AttemptProps) {
  const { shown, error, isBusy } = attempt;
  const isPlaced = refusedFields(error).size > 0;
  const problem = error === null || isPlaced ? "" : previewProblem(error);
  return (
    <>
      <div>
        <Button disabled={disabled || isBusy} data-testid="enrich-try" onClick={ask}>
          {isBusy ? "Asking the API…" : "Try with ten rows"}
        </Button>
      </div>
      {shown === undefined ? null : (
        <PreviewTable
          label="The first rows with what the API gives"
          columns={shown.columns}
          rows={shown.rows}
          fresh={fresh}
          isFormer={false}
          notes={shown.notes}
        />
      )}
      <p className="note error" role="alert" data-testid="enrich-problem">
        {problem}
      </p>
    </>
  );
}
