// The dialog in which a person saves a sheet as a file.
//
// What it is not: a part of the first page. It loads when it is first shown.
import { useCallback } from "react";
import { transfers } from "../../../api/transfers.ts";
import SaveDialog, { type Save } from "../../file/transfer/SaveDialog.tsx";

interface SaveSheetProps {
  id: string;
  name: string;
  onClose: () => void;
}

export default function SaveSheet({ id, name, onClose }: SaveSheetProps) {
  const save = useCallback<Save>(
    async (saved, requestId) => (await transfers.saveSheet({ sheetId: id, saved, requestId })).job,
    [id],
  );
  return <SaveDialog {...{ name, save, onClose }} />;
}
