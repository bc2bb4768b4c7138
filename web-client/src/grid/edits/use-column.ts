// The column of a dialog.
import { useEffect, useState } from "react";
import { useStore } from "../../base/store.ts";
import { wholeColumn } from "../../cells/area.ts";
import type { Hold } from "../../live/engine/hold.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { notifyLoss } from "./loss-notice.ts";

interface Given {
  sheet: LiveSheet;
  col: number;
  onClose: () => void;
}

/** Holds the column; closes the dialog when it is deleted. */
export function useColumn({ sheet, col, onClose }: Given): Hold | undefined {
  const [hold, setHold] = useState<Hold>();
  const version = useStore(sheet.version);
  useEffect(() => {
    const taken = sheet.hold([wholeColumn(col)]);
    setHold(taken);
    return () => taken.release();
  }, [sheet, col]);
  useEffect(() => {
    void version;
    if (hold?.loss() === undefined) return;
    notifyLoss(sheet, hold);
    onClose();
  }, [sheet, hold, version, onClose]);
  return hold;
}
