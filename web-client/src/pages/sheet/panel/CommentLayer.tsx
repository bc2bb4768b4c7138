// The place of the marks of comments over the grid. They load after the cells.
import type { DataEditorRef, Item } from "@glideapps/glide-data-grid";
import { type ReactNode, type RefObject, useEffect, useState } from "react";
import { Store } from "../../../base/store.ts";
import type { CellMarks } from "../../../grid/GridView.tsx";
import type { LiveSheet } from "../../../live/live-sheet.ts";
import { LazyPart, Part } from "../../../ui/Part.tsx";
import type { Panel } from "./use-panel.ts";

const Marks = new LazyPart(() => import("../../comments/marks/CommentMarks.tsx"));

/** Milliseconds until a page counts as idle in a browser that does not say so. */
const IDLE_MILLIS = 2_000;

export function newMarks(): CellMarks {
  return { corners: new Store(new Map()), hovered: new Store<Item | undefined>(undefined) };
}

function useIdle(): boolean {
  const [idle, setIdle] = useState(false);
  useEffect(() => {
    const onIdle = () => setIdle(true);
    if (typeof requestIdleCallback === "undefined") {
      const timer = setTimeout(onIdle, IDLE_MILLIS);
      return () => clearTimeout(timer);
    }
    const request = requestIdleCallback(onIdle);
    return () => cancelIdleCallback(request);
  }, []);
  return idle;
}

/** Nothing while the marks load; over the grid when they can't be loaded. */
function frame(content: ReactNode) {
  return <div className="marks-wait">{content}</div>;
}

interface CommentLayerProps {
  id: string;
  sheet: LiveSheet;
  cursor: Item;
  marks: CellMarks;
  grid: RefObject<DataEditorRef | null>;
  area: RefObject<HTMLElement | null>;
  panel: Panel;
}

export function CommentLayer({ panel, ...given }: CommentLayerProps) {
  const idle = useIdle();
  const open = (thread: string) => panel.open("comments", thread);
  const cursor = panel.tab === "comments" ? undefined : given.cursor;
  return idle ? <Part part={Marks} given={{ ...given, cursor, open }} frame={frame} /> : null;
}
