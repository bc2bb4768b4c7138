// The dialog that makes a file with one row for each group of rows.
import { useCallback, useState } from "react";
import { derivations } from "../../../../api/clients/derivations.ts";
import { sourceOf } from "../../transfer/target.ts";
import type { DeriveProps } from "../made/derive-props.ts";
import { MakeDialog } from "../made/MakeDialog.tsx";
import { Aggregates } from "./Aggregates.tsx";
import { By } from "./By.tsx";
import { endOf, FIRST_GROUPS, type GroupDraft, groupOf, groupText, isLacking } from "./draft.ts";
import { refusedAggregate } from "./refused.ts";

export default function GroupDialog({ rows, name, columns, about, onClose }: DeriveProps) {
  const [draft, setDraft] = useState<GroupDraft>(FIRST_GROUPS);
  const begin = useCallback<Parameters<typeof MakeDialog>[0]["begin"]>(
    async (saved, requestId) => {
      const operation = { case: "group" as const, value: groupOf(draft) };
      const request = { source: sourceOf(rows), operation, saved, requestId };
      return (await derivations.deriveTable(request)).job;
    },
    [rows, draft],
  );
  return (
    <MakeDialog
      {...{ about, name, begin, onClose }}
      title="Group rows"
      testId="derive-group"
      verb="Make the file"
      end={endOf(draft, columns)}
      isLacking={isLacking(draft)}
      isPlaced={(refusal) => refusedAggregate(refusal) !== undefined}
    >
      {({ isTried, disabled, refusal, changed }) => {
        const change = (part: Partial<GroupDraft>) => {
          changed();
          setDraft({ ...draft, ...part });
        };
        return (
          <>
            <By {...{ columns, disabled }} by={draft.by} onChange={(by) => change({ by })} />
            <Aggregates
              {...{ columns, disabled, isTried }}
              aggregates={draft.aggregates}
              refused={refusedAggregate(refusal)}
              onChange={(aggregates) => change({ aggregates })}
            />
            <p className="note" role="status" data-testid="group-text">
              {groupText(draft, columns)}
            </p>
          </>
        );
      }}
    </MakeDialog>
  );
}
