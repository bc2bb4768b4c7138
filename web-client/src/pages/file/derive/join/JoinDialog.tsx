// The dialog that makes a file of rows with the columns of another table beside them.
import { useCallback, useState } from "react";
import { derivations } from "../../../../api/clients/derivations.ts";
import type { Table } from "../../../../gen/gridloom/v1/tables_pb.ts";
import { Select } from "../../../../ui/Select.tsx";
import { sourceOf } from "../../transfer/target.ts";
import type { DeriveProps } from "../made/derive-props.ts";
import { MakeDialog, type Making } from "../made/MakeDialog.tsx";
import { refusedField } from "../made/refused-field.ts";
import {
  isLacking,
  type JoinDraft,
  joinOf,
  NO_JOIN,
  ROWS_OPTIONS,
  suggestedKeys,
} from "./draft.ts";
import { FileChoice, TableChoice } from "./FileChoice.tsx";
import { Keys } from "./Keys.tsx";

/** A refusal of the other file, such as one that is gone. */
function otherProblem(refusal: unknown): string | undefined {
  if (refusedField(refusal, "join")?.field.startsWith("other") !== true) return undefined;
  return "This file can't be joined now: it was removed, or read again. Choose it again.";
}

export default function JoinDialog({ rows, name, columns, about, onClose }: DeriveProps) {
  const [draft, setDraft] = useState<JoinDraft>(NO_JOIN);
  const begin = useCallback<Parameters<typeof MakeDialog>[0]["begin"]>(
    async (saved, requestId) => {
      const operation = { case: "join" as const, value: joinOf(draft) };
      const request = { source: sourceOf(rows), operation, saved, requestId };
      return (await derivations.deriveTable(request)).job;
    },
    [rows, draft],
  );
  const choose = useCallback(
    (table: Table) =>
      setDraft((now) => ({ ...now, table, keys: suggestedKeys(columns, table.columns) })),
    [columns],
  );
  return (
    <MakeDialog
      {...{ about, name, begin, onClose }}
      title="Join another file"
      testId="derive-join"
      verb="Make the file"
      end="joined"
      isLacking={isLacking(draft)}
      isPlaced={(refusal) => otherProblem(refusal) !== undefined}
    >
      {(making) => <Fields {...{ draft, columns, making, choose }} onChange={setDraft} />}
    </MakeDialog>
  );
}

interface FieldsProps {
  draft: JoinDraft;
  columns: DeriveProps["columns"];
  making: Making;
  choose: (table: Table) => void;
  onChange: (draft: JoinDraft) => void;
}

function Fields({ draft, columns, making, choose, onChange }: FieldsProps) {
  const { isTried, disabled, refusal, changed } = making;
  const { fileId, table, keys, rows } = draft;
  const lack = isTried && fileId === undefined ? "Choose a file." : undefined;
  const change = (part: Partial<JoinDraft>) => {
    changed();
    onChange({ ...draft, ...part });
  };
  return (
    <>
      <FileChoice
        {...{ fileId, disabled }}
        problem={lack ?? otherProblem(refusal)}
        onChange={(fileId, fileName) => change({ fileId, fileName, table: undefined, keys: [] })}
      />
      {fileId === undefined ? null : (
        <TableChoice key={fileId} {...{ fileId, table, disabled }} onChange={choose} />
      )}
      {table === undefined ? null : (
        <>
          <Keys
            {...{ keys, columns, disabled, isTried }}
            other={table.columns}
            onChange={(keys) => change({ keys })}
          />
          <Select
            label="Rows"
            options={ROWS_OPTIONS}
            value={String(rows) as (typeof ROWS_OPTIONS)[number]["value"]}
            disabled={disabled}
            testId="join-rows"
            onChange={(rows) => change({ rows: Number(rows) })}
          />
        </>
      )}
    </>
  );
}
