// The dialog that makes a file of rows with computed columns.
import { useCallback, useState } from "react";
import { derivations } from "../../../../api/clients/derivations.ts";
import { sourceOf } from "../../transfer/target.ts";
import type { DeriveProps } from "../made/derive-props.ts";
import { MakeDialog, type Making } from "../made/MakeDialog.tsx";
import { PreviewTable } from "../made/PreviewTable.tsx";
import { AddFields } from "./AddFields.tsx";
import { addOf, type ColumnDraft, complete, emptyColumn, endOf, isLacking } from "./draft.ts";
import { refusedAt } from "./refused.ts";
import { useColumnsPreview } from "./use-preview.ts";

export default function AddDialog({ rows, name, columns, about, onClose }: DeriveProps) {
  const [drafts, setDrafts] = useState<readonly ColumnDraft[]>(() => [emptyColumn([])]);
  const names = columns.map(({ name }) => name).filter((name) => name !== "");
  const preview = useColumnsPreview(rows, complete(drafts, names));
  const begin = useCallback<Parameters<typeof MakeDialog>[0]["begin"]>(
    async (saved, requestId) => {
      const operation = { case: "add" as const, value: addOf(drafts) };
      const request = { source: sourceOf(rows), operation, saved, requestId };
      return (await derivations.deriveTable(request)).job;
    },
    [rows, drafts],
  );
  const refusedNow = ({ refusal }: Making) => {
    const refused = refusedAt(refusal);
    const id = refused === undefined ? undefined : drafts[refused.row]?.id;
    return refused === undefined || id === undefined ? preview.refused : { ...refused, id };
  };
  return (
    <MakeDialog
      {...{ about, name, begin, onClose }}
      title="Computed columns"
      testId="derive-add"
      verb="Make the file"
      end={endOf(drafts)}
      isLacking={isLacking(drafts, names)}
      isPlaced={(refusal) => refusedAt(refusal) !== undefined}
    >
      {(making) => (
        <>
          <AddFields
            {...{ drafts, names, making }}
            refused={refusedNow(making)}
            onChange={(next) => {
              making.changed();
              setDrafts(next);
            }}
          />
          {preview.shown === undefined ? null : (
            <PreviewTable
              label="The first rows with the new columns"
              columns={preview.shown.columns}
              rows={preview.shown.rows}
              fresh={preview.fresh}
              isFormer={preview.isFormer}
              notes={preview.shown.notes}
            />
          )}
          <p className="note error" role="status" data-testid="derive-preview-problem">
            {preview.problem ?? ""}
          </p>
        </>
      )}
    </MakeDialog>
  );
}
