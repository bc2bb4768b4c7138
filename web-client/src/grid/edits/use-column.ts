// The column of a dialog. Its caller is there before the dialog is loaded, and holds the column for all parts of it.
import { useEffect, useState } from "react";
import { useStore } from "../../base/store.ts";
import { wholeColumn } from "../../cells/area.ts";
import type { Column } from "../../gen/gridloom/v1/values_pb.ts";
import type { Hold } from "../../live/engine/hold.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { notifyLoss } from "./loss-notice.ts";

interface Given {
  sheet: LiveSheet;
  col: number;
  onClose: () => void;
}

/** The column of a hold as it is now, and its position; undefined when it was deleted. */
export function heldColumn(
  sheet: LiveSheet,
  hold: Hold,
): { col: number; column: Column } | undefined {
  const col = hold.area()?.col;
  const column = col === undefined ? undefined : sheet.layout.get().columns[col];
  return col === undefined || column === undefined ? undefined : { col, column };
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
