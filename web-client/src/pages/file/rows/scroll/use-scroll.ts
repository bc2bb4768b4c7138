// How far a table is scrolled: the bar of the browser, mapped to the rows.
//
// Invariant: the bar shows the place of the rows once nothing moves. While it moves by small steps, it may be beside it.
import {
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { HEAD_PIXELS } from "../sizes.ts";
import { ScrollMap } from "./scroll-map.ts";

/** After this time without a movement, the bar goes to the place of the rows. */
const REST_MILLIS = 150;

interface At {
  /** CSS pixels of the rows above the view, and of the columns at its left. */
  top: number;
  left: number;
  /** The size of the view, without the head. */
  width: number;
  height: number;
}

export interface Scroll extends At {
  /** The height of what the browser scrolls, without the head. */
  barHeight: number;
  onScroll: () => void;
  /** Scrolls; undefined leaves an axis as it is. */
  to: (top: number | undefined, left: number | undefined) => void;
  /** The present place, which may be later than the rendered one. */
  now: () => At;
}

const NOWHERE: At = { top: 0, left: 0, width: 0, height: 0 };

/** `total`: the height of all rows. */
export function useScroll(area: RefObject<HTMLElement | null>, total: number): Scroll {
  const [at, setAt] = useState(NOWHERE);
  const now = useRef(NOWHERE);
  const bar = useRef(0);
  const rest = useRef<ReturnType<typeof setTimeout>>(undefined);
  const map = useMemo(() => new ScrollMap(total, at.height), [total, at.height]);

  const show = useCallback((part: Partial<At>) => {
    now.current = { ...now.current, ...part };
    setAt(now.current);
  }, []);

  const anchor = useCallback(() => {
    const element = area.current;
    if (element === null) return;
    const wanted = map.toBar(now.current.top);
    if (Math.abs(wanted - element.scrollTop) > 1) element.scrollTop = wanted;
    bar.current = element.scrollTop;
  }, [area, map]);

  const onScroll = useCallback(() => {
    const element = area.current;
    if (element === null) return;
    const { scrollTop, scrollLeft } = element;
    const top = map.moved(now.current.top, bar.current, scrollTop);
    bar.current = scrollTop;
    show({ top, left: scrollLeft });
    clearTimeout(rest.current);
    // At an end of the bar no further step is possible.
    const isAtEnd = scrollTop <= 0 || scrollTop >= map.barMost - 1;
    rest.current = setTimeout(anchor, isAtEnd ? 0 : REST_MILLIS);
  }, [area, map, show, anchor]);

  const to = useCallback(
    (top: number | undefined, left: number | undefined) => {
      if (left !== undefined && area.current !== null) {
        area.current.scrollLeft = left;
        show({ left: area.current.scrollLeft });
      }
      if (top === undefined) return;
      show({ top: Math.max(0, Math.min(top, map.most)) });
      anchor();
    },
    [area, map, show, anchor],
  );

  useSize(area, show);
  // Another height of the view has another map.
  useLayoutEffect(() => {
    show({ top: Math.min(now.current.top, map.most) });
    anchor();
    return () => clearTimeout(rest.current);
  }, [map, show, anchor]);
  return { ...at, barHeight: map.height, onScroll, to, now: () => now.current };
}

function useSize(area: RefObject<HTMLElement | null>, show: (size: Partial<At>) => void): void {
  useEffect(() => {
    const element = area.current;
    if (element === null) return undefined;
    const measure = () =>
      show({
        width: element.clientWidth,
        height: Math.max(0, element.clientHeight - HEAD_PIXELS),
      });
    const sizes = new ResizeObserver(measure);
    sizes.observe(element);
    measure();
    return () => sizes.disconnect();
  }, [area, show]);
}
