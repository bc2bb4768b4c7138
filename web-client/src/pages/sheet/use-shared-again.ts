// Opens a closed sheet again when it is shared with this person again.
import { useEffect } from "react";

/** `retry`: the same function at each render; it opens the sheet. */
export function useSharedAgain(id: string, retry: () => void): void {
  useEffect(() => {
    let stop: (() => void) | undefined;
    let isOver = false;
    // The notices are no part of the first page. Without them, the button opens the sheet.
    import("../notices/shared-again.ts").then(
      ({ onShared }) => {
        if (!isOver) stop = onShared(id, retry);
      },
      () => undefined,
    );
    return () => {
      isOver = true;
      stop?.();
    };
  }, [id, retry]);
}
