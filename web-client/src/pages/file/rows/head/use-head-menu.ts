// What opens the menu of a column: its button, a right click or a long press on its head, and keys for the column of the cursor.
//
// Invariant: the grid has the focus when a menu opens, so that the focus returns there.
import { type KeyboardEvent, type MouseEvent, type RefObject, useRef } from "react";
import { HEAD_PIXELS } from "../sizes.ts";

/** Opens the menu of a column at a point of the page. */
export type OnMenu = (col: number, at: { x: number; y: number }) => void;

interface HeadMenuParts {
  area: RefObject<HTMLElement | null>;
  columns: number;
  /** The column of the cursor. */
  col: number;
  headAt: (event: MouseEvent) => number | undefined;
  onMenu: OnMenu;
}

function isMenuKey({ key, shiftKey }: KeyboardEvent): boolean {
  return key === "ContextMenu" || (shiftKey && key === "F10");
}

export function useHeadMenu({ area, columns, col, headAt, onMenu }: HeadMenuParts) {
  // Browsers send the same event for a key as for a click, some of them without a sign of it.
  const isByKey = useRef(false);
  const open = (col: number, at: { x: number; y: number }) => {
    area.current?.focus({ preventScroll: true });
    onMenu(col, at);
  };
  const openBelow = (col: number) => {
    const head = area.current?.querySelector(`[data-head="${col}"]`) ?? area.current;
    const box = head?.getBoundingClientRect();
    if (box !== undefined && columns > 0)
      open(col, { x: box.left, y: Math.min(box.bottom, box.top + HEAD_PIXELS) });
  };
  /** Whether a key has opened the menu. */
  const onKey = (event: KeyboardEvent): boolean => {
    isByKey.current = isMenuKey(event);
    const isOpened = event.altKey && event.key === "ArrowDown";
    if (isOpened) openBelow(col);
    return isOpened;
  };
  const onContextMenu = (event: MouseEvent) => {
    const head = isByKey.current ? col : headAt(event);
    if (head === undefined) return;
    event.preventDefault();
    if (isByKey.current) openBelow(head);
    else open(head, { x: event.clientX, y: event.clientY });
    isByKey.current = false;
  };
  const onPress = () => {
    isByKey.current = false;
  };
  return { openBelow, onKey, onPress, onContextMenu };
}
