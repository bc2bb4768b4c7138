// The place of a comment that the person begins. It follows its cell while others edit.
import type { Item } from "@glideapps/glide-data-grid";
import { useCallback, useEffect, useRef, useState } from "react";
import { Role } from "../../../gen/gridloom/v1/roles_pb.ts";
import type { Hold } from "../../../live/engine/hold.ts";
import type { LiveSheet } from "../../../live/live-sheet.ts";
import { showToast } from "../../../ui/toasts.ts";
import type { Begun } from "../../comments/CommentsPanel.tsx";

/** `onBegin` opens the field of the comment. */
export function useCommentHold(sheet: LiveSheet, onBegin: () => void): Begun {
  const [hold, setHold] = useState<Hold>();
  const now = useRef<Hold>(undefined);
  const replace = useCallback((next: Hold | undefined) => {
    now.current?.release();
    now.current = next;
    setHold(next);
  }, []);
  useEffect(() => () => now.current?.release(), []);
  const begin = ([col, row]: Item) => {
    const { role, rowCount } = sheet.layout.get();
    if (role === Role.VIEWER) return showToast("info", "You can read the comments but not write.");
    if (row >= rowCount) return showToast("info", "This row doesn't exist yet. Add it first.");
    replace(sheet.hold([{ row, col, height: 1, width: 1 }]));
    onBegin();
  };
  return { hold, begin, end: () => replace(undefined) };
}
