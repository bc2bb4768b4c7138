// Finds out whether a sheet that can't be opened was deleted: its owner can still request and restore it.
import { useCallback, useEffect, useState } from "react";
import { errorText } from "../../api/errors.ts";
import { sheets } from "../../api/transport.ts";
import { showToast } from "../../ui/toasts.ts";

export interface Deleted {
  /** asking: the server has not answered. deleted: it can be restored. gone: neither. */
  what: "asking" | "deleted" | "gone";
  /** The name of a sheet that can be restored. */
  name: string;
  restore: () => void;
}

/** Asks the server once about a sheet; calls `onRestored` when the sheet is not deleted, or no longer. */
export function useDeleted(id: string, onRestored: () => void): Deleted {
  const [found, setFound] = useState<Pick<Deleted, "what" | "name">>({ what: "asking", name: "" });
  useEffect(() => {
    const abort = new AbortController();
    sheets.getSheet({ sheetId: id }, { signal: abort.signal }).then(
      ({ sheet }) => {
        if (sheet === undefined || sheet.deletedMicros > 0n)
          setFound({ what: "deleted", name: sheet?.name ?? "" });
        // Someone has restored it in the meantime.
        else onRestored();
      },
      () => {
        if (!abort.signal.aborted) setFound({ what: "gone", name: "" });
      },
    );
    return () => abort.abort();
  }, [id, onRestored]);

  const restore = useCallback(() => {
    sheets
      .undeleteSheet({ sheetId: id })
      .then(onRestored, (error: unknown) => showToast("error", errorText(error)));
  }, [id, onRestored]);
  return { ...found, restore };
}
