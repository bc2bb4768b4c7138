// Mouse, pen and finger on a table: a press selects, a drag and Shift extend, and the edge of a column's head makes it wider.
//
// What it is not: scrolling, which the browser does. A finger scrolls, so it selects only by a tap.
import { type MouseEvent, type PointerEvent, type RefObject, useRef } from "react";
import { LEAST_WIDTH, MOST_WIDTH } from "../../../grid/draw/columns.ts";
import { type Marked, oneMarked, type Place } from "./marked.ts";
import { HEAD_PIXELS, ROW_PIXELS } from "./sizes.ts";
import type { OpenTable } from "./use-table.ts";

type Drag =
  | { what: "cells"; whole: Marked["whole"] }
  | { what: "width"; col: number; from: number; width: number };

function clamp(value: number, most: number): number {
  return Math.max(0, Math.min(value, most));
}

/** The place under the pointer; -1 is the head, or the row numbers. */
function placeOf(open: OpenTable, element: HTMLElement, event: MouseEvent): Place {
  const { places, numbers, rows, table, scroll } = open;
  const box = element.getBoundingClientRect();
  const [x, y] = [event.clientX - box.left, event.clientY - box.top];
  const { top, left } = scroll.now();
  const col = x < numbers ? -1 : clamp(places.at(x - numbers + left), table.columns.length - 1);
  const row =
    y < HEAD_PIXELS ? -1 : clamp(Math.floor((top + y - HEAD_PIXELS) / ROW_PIXELS), rows - 1);
  return [col, row];
}

/** The selection after a press on a place. */
function pressed({ marked, rows, table }: OpenTable, [col, row]: Place, extends_: boolean): Marked {
  const place: Place = [Math.max(0, col), Math.max(0, row)];
  if (col < 0 && row < 0) return { cursor: [0, 0], corner: [table.columns.length - 1, rows - 1] };
  const line = row < 0 ? "cols" : undefined;
  const whole = col < 0 ? "rows" : line;
  if (extends_) return { cursor: marked.cursor, corner: place, whole };
  return { ...oneMarked(place), whole };
}

/** Whether a press is on a scrollbar, whose drags the browser handles. */
function isScrollbar(element: HTMLElement, target: HTMLElement, event: globalThis.PointerEvent) {
  const { offsetX, offsetY } = event;
  return target === element && (offsetX >= element.clientWidth || offsetY >= element.clientHeight);
}

/** Whether a press is on the button of a column's menu. */
function isMenu(target: EventTarget): boolean {
  return target instanceof Element && target.closest("[data-menu]") !== null;
}

export function usePointer(
  open: OpenTable,
  area: RefObject<HTMLElement | null>,
  onFollow: (place: Place) => void,
) {
  const drag = useRef<Drag>(undefined);
  const { mark, reveal, resize, places, rows, table } = open;
  const isEmpty = rows === 0 || table.columns.length === 0;

  const press = (event: MouseEvent) => {
    const element = area.current;
    if (element === null || isEmpty) return undefined;
    const place = placeOf(open, element, event);
    const isFollowed = event.ctrlKey || event.metaKey;
    if (isFollowed && place[0] >= 0 && place[1] >= 0) onFollow(place);
    const marked = pressed(open, place, event.shiftKey);
    mark(marked);
    return marked;
  };

  const onPointerDown = (event: PointerEvent<HTMLElement>) => {
    const { target, button, pointerType, nativeEvent } = event;
    const element = area.current;
    if (element === null || button !== 0 || !(target instanceof HTMLElement)) return;
    if (isScrollbar(element, target, nativeEvent) || isMenu(target)) return;
    const { resize: handle } = target.dataset;
    if (handle !== undefined) {
      const col = Number(handle);
      drag.current = { what: "width", col, from: event.clientX, width: places.widthOf(col) };
    } else if (pointerType !== "touch") {
      const marked = press(event);
      if (marked !== undefined) drag.current = { what: "cells", whole: marked.whole };
    }
    if (drag.current !== undefined) element.setPointerCapture(event.pointerId);
  };

  const onPointerMove = (event: PointerEvent<HTMLElement>) => {
    const [element, now] = [area.current, drag.current];
    if (element === null || now === undefined) return;
    if (now.what === "width") {
      const width = now.width + event.clientX - now.from;
      resize(now.col, Math.max(LEAST_WIDTH, Math.min(MOST_WIDTH, width)));
      return;
    }
    const [col, row] = placeOf(open, element, event);
    const first = Math.floor(open.scroll.now().top / ROW_PIXELS);
    // Over the head, the drag leads to the rows above.
    const corner: Place = [Math.max(0, col), row < 0 ? Math.max(0, first - 1) : row];
    mark({ cursor: open.marked.cursor, corner, whole: now.whole });
    if (now.whole !== "cols")
      reveal([now.whole === "rows" ? open.marked.cursor[0] : corner[0], corner[1]]);
  };

  const onPointerUp = () => {
    drag.current = undefined;
  };

  const onClick = (event: MouseEvent<HTMLElement>) => {
    const { pointerType } = event.nativeEvent as globalThis.PointerEvent;
    if (pointerType === "touch" && !isMenu(event.target)) press(event);
  };
  /** The column whose head is under the pointer. */
  const headAt = (event: MouseEvent): number | undefined => {
    const element = area.current;
    if (element === null || table.columns.length === 0) return undefined;
    const [col, row] = placeOf(open, element, event);
    return row < 0 && col >= 0 ? col : undefined;
  };
  const events = {
    onPointerDown,
    onPointerMove,
    onPointerUp,
    onPointerCancel: onPointerUp,
    onClick,
  };
  return { events, headAt };
}
