// The marks of cells with open comments, and the card with the first comment of the cell under the mouse or the cursor.
//
// Invariant: the card takes no focus, and Escape closes it.
import type { DataEditorRef, Item } from "@glideapps/glide-data-grid";
import { type RefObject, useEffect } from "react";
import { useStore } from "../../../base/store.ts";
import type { CellMarks } from "../../../grid/GridView.tsx";
import { browser } from "../../../live/browser.ts";
import type { LiveSheet } from "../../../live/live-sheet.ts";
import { comments, onCommentChange, reloadComments } from "../calls.ts";
import { CommentCard } from "./CommentCard.tsx";
import { CommentedCells } from "./commented-cells.ts";
import { useShownCell } from "./use-shown-cell.ts";
import "../../../styles/comments.css";

/** The pause between a change of the sheet and the look at its rows. */
const LOOK_MILLIS = 150;

interface CommentMarksProps {
  id: string;
  sheet: LiveSheet;
  /** The cell of the cursor; undefined while the panel shows the comments. */
  cursor: Item | undefined;
  marks: CellMarks;
  grid: RefObject<DataEditorRef | null>;
  area: RefObject<HTMLElement | null>;
  open: (threadId: string) => void;
}

/** Keeps the marks of the loaded rows up to date. */
function useCounts(id: string, sheet: LiveSheet, marks: CellMarks): void {
  useEffect(() => {
    const next = new CommentedCells(
      {
        rowIds: () => sheet.rowIds(sheet.loaded()),
        load: (rowIds) => comments.countComments({ sheetId: id, rowIds }),
        after: browser.after,
      },
      marks.corners,
    );
    let cancel: (() => void) | undefined;
    let isOld = false;
    const soon = () => {
      cancel ??= browser.after(LOOK_MILLIS, () => {
        cancel = undefined;
        next.look();
        // The card shows what has changed, too.
        if (isOld) reloadComments();
        isOld = false;
      });
    };
    soon();
    const stopVersion = sheet.version.subscribe(soon);
    const changed = (rowId: bigint | undefined) => {
      isOld = true;
      next.changed(rowId);
      soon();
    };
    const stopChanges = onCommentChange(id, changed);
    const stopComments = sheet.comments.subscribe(() => changed(undefined));
    return () => {
      cancel?.();
      stopVersion();
      stopChanges();
      stopComments();
      next.stop();
    };
  }, [id, sheet, marks]);
}

export default function CommentMarks(props: CommentMarksProps) {
  const { id, sheet, cursor, marks, grid, area, open } = props;
  useCounts(id, sheet, marks);
  useStore(sheet.version);
  const shown = useShownCell(sheet, marks, cursor);
  if (shown === undefined) return null;
  const { cell, rowId, columnId } = shown;
  return (
    <CommentCard
      key={`${rowId}.${columnId}`}
      {...{ id, rowId, columnId, cell, grid, area, open }}
      onEnter={shown.hold}
      onLeave={shown.release}
      onClose={shown.dismiss}
    />
  );
}
