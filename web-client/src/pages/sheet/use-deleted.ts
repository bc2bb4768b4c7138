// Finds out whether a sheet that can't be opened was deleted: its owner can still request and restore it.
import { useMutation, useQuery } from "@connectrpc/connect-query";
import { useEffect } from "react";
import { errorText } from "../../api/errors.ts";
import { SheetService } from "../../gen/gridloom/v1/sheets_pb.ts";
import { showToast } from "../../ui/toasts.ts";

const { getSheet, undeleteSheet } = SheetService.method;

export interface Deleted {
  /** asking: the server has not answered. deleted: it can be restored. gone: neither. */
  what: "asking" | "deleted" | "gone";
  /** The name of a sheet that can be restored. */
  name: string;
  restore: () => void;
}

/** Asks the server once about a sheet; calls `onRestored` when the sheet is not deleted, or no longer. */
export function useDeleted(id: string, onRestored: () => void): Deleted {
  // The answer of an earlier page may be out of date.
  const options = { gcTime: 0, retry: false, refetchOnWindowFocus: false };
  const { data, isPending } = useQuery(getSheet, { sheetId: id }, options);
  const restoring = useMutation(undeleteSheet, {
    onSuccess: onRestored,
    onError: (error) => showToast("error", errorText(error)),
  });
  const sheet = data?.sheet;
  // False also when someone has restored it in the meantime.
  const isDeleted = sheet !== undefined && sheet.deletedMicros > 0n;
  useEffect(() => {
    if (sheet !== undefined && !isDeleted) onRestored();
  }, [sheet, isDeleted, onRestored]);
  const restore = () => restoring.mutate({ sheetId: id });
  if (isDeleted) return { what: "deleted", name: sheet.name, restore };
  return { what: isPending || sheet !== undefined ? "asking" : "gone", name: "", restore };
}
