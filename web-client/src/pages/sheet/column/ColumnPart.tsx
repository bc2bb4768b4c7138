// The dialogs of a column: its kind and settings, and the conversion of its values. Each is loaded when it is first shown.
//
// Invariant: the column is held from the choice in the menu on. While a dialog loads, others may move the column; when it is
// deleted, the dialog closes with one notice.
import type { ReactNode } from "react";
import type { ColumnKind } from "../../../gen/gridloom/v1/values_pb.ts";
import { useColumn } from "../../../grid/edits/use-column.ts";
import type { LiveSheet } from "../../../live/live-sheet.ts";
import { Dialog } from "../../../ui/Dialog.tsx";
import { LazyPart, Part } from "../../../ui/Part.tsx";
import { ConvertPart } from "../convert/ConvertPart.tsx";

const ColumnDialog = new LazyPart(() => import("./ColumnDialog.tsx"));

/** The dialog that was chosen for the column at a position. */
export type OverColumn =
  | { what: "column"; col: number; kind: ColumnKind | undefined }
  | { what: "convert"; col: number; kind: ColumnKind };

interface ColumnPartProps {
  id: string;
  sheet: LiveSheet;
  over: OverColumn;
  onClose: () => void;
}

export function ColumnPart({ id, sheet, over, onClose }: ColumnPartProps) {
  const hold = useColumn({ sheet, col: over.col, onClose });
  if (hold === undefined) return null;
  const given = { id, sheet, hold, onClose };
  if (over.what === "convert") return <ConvertPart {...given} kind={over.kind} onDone={onClose} />;
  const frame = (content: ReactNode) => (
    <Dialog title="Column" onClose={onClose} testId="column-part" wide>
      {content}
    </Dialog>
  );
  return <Part part={ColumnDialog} given={{ ...given, kind: over.kind }} frame={frame} />;
}
