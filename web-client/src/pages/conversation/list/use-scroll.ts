// The scrolled part of a conversation: it stays at its end while messages arrive there, keeps its place while older ones
// are loaded before it, and begins at the unread messages.
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

/** Pixels from the end within which the conversation follows new messages. */
const END_PIXELS = 32;
/** Pixels from the start within which older messages are loaded. */
const START_PIXELS = 240;
/** The line of the unread messages stands this many pixels below the top at first. */
const LINE_PIXELS = 48;

interface Shown {
  /** The number of the first message; a smaller one than before: older messages were loaded. */
  first: bigint | undefined;
  known: boolean;
  /** Older messages are being loaded. A load that was given up begins again: a short list can't be scrolled. */
  loading: boolean;
  /** Changes whenever something is added at the end. */
  end: string;
  /** Changes with each own message that is written here. */
  written: number;
}

interface Scroll {
  /** Whether the end is on the screen. */
  atEnd: boolean;
  onScroll: () => void;
  toEnd: () => void;
}

export function useScroll(
  list: RefObject<HTMLElement | null>,
  { first, known, loading, end, written }: Shown,
  loadOlder: () => void,
): Scroll {
  const [atEnd, setAtEnd] = useState(true);
  /** Of the last look at the list. */
  const last = useRef({ atEnd: true, fromEnd: 0, first, known: false, written });

  const toEnd = useCallback(() => {
    const area = list.current;
    if (area !== null) area.scrollTop = area.scrollHeight;
  }, [list]);

  const look = useCallback(() => {
    const area = list.current;
    if (area === null) return;
    const fromEnd = area.scrollHeight - area.scrollTop;
    last.current.fromEnd = fromEnd;
    last.current.atEnd = fromEnd - area.clientHeight <= END_PIXELS;
    setAtEnd(last.current.atEnd);
    if (area.scrollTop <= START_PIXELS) loadOlder();
  }, [list, loadOlder]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: what was added at the end changes the height, and a load may end without a message
  useLayoutEffect(() => {
    const area = list.current;
    if (area === null || !known) return;
    const before = last.current;
    const line = area.querySelector<HTMLElement>("[data-line]");
    if (!before.known && line !== null) area.scrollTop = line.offsetTop - LINE_PIXELS;
    else if (!before.known || before.written !== written || before.atEnd) toEnd();
    else if (first !== undefined && before.first !== undefined && first < before.first)
      area.scrollTop = area.scrollHeight - before.fromEnd;
    last.current = { ...before, first, known, written };
    look();
  }, [list, first, known, loading, end, written, toEnd, look]);

  // Another height, such as that of a longer text in the field below, must not hide the end.
  useEffect(() => {
    const area = list.current;
    if (area === null) return;
    const observer = new ResizeObserver(() => {
      if (last.current.atEnd) toEnd();
      look();
    });
    observer.observe(area);
    // A message grows when what it links to is known.
    const rows = area.querySelector(".messages");
    if (rows !== null) observer.observe(rows);
    return () => observer.disconnect();
  }, [list, toEnd, look]);

  return { atEnd, onScroll: look, toEnd };
}
