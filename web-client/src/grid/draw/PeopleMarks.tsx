// The names of other people beside their cursors. The grid draws the cursors and selections themselves (see
// people-regions.ts).
//
// Invariant: a name stands at its cell while the grid scrolls, and only for an active person whose cell is on the
// screen. Some seconds after the last move, a corner in the person's colour replaces it, so that it hides no cell.
import type { DataEditorRef } from "@glideapps/glide-data-grid";
import {
  type CSSProperties,
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useState,
} from "react";
import { useStore } from "../../base/store.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import type { Person } from "../../live/view/people.ts";
import { type NameTag, nameTags } from "./name-tags.ts";
import { markerWidth } from "./settings.ts";

interface MarksProps {
  sheet: LiveSheet;
  grid: RefObject<DataEditorRef | null>;
  area: RefObject<HTMLElement | null>;
  /** The first row and the number of rows on the screen. */
  shown: { top: RefObject<number>; page: RefObject<number> };
}

function tagsOf({ sheet, grid, area, shown }: MarksProps, people: readonly Person[]): NameTag[] {
  const box = area.current?.getBoundingClientRect();
  if (box === undefined) return [];
  return nameTags(people, {
    boundsOf: ({ row, col }) => {
      const cell = grid.current?.getBounds(col, row);
      return cell && { ...cell, x: cell.x - box.x, y: cell.y - box.y };
    },
    rows: { start: shown.top.current, count: shown.page.current },
    left: markerWidth(sheet.layout.get().rowCount),
    width: box.width,
    height: box.height,
  });
}

export function PeopleMarks(props: MarksProps) {
  const { sheet, grid, area, shown } = props;
  const people = useStore(sheet.people);
  const version = useStore(sheet.version);
  const [tags, setTags] = useState<readonly NameTag[]>([]);
  const place = useCallback(() => {
    const next = tagsOf({ sheet, grid, area, shown }, people);
    setTags((old) => (JSON.stringify(old) === JSON.stringify(next) ? old : next));
  }, [sheet, grid, area, shown, people]);

  useLayoutEffect(() => {
    void version;
    place();
    // Once more after the grid has drawn the change.
    const frame = requestAnimationFrame(place);
    return () => cancelAnimationFrame(frame);
  }, [place, version]);

  useEffect(() => {
    const element = area.current;
    if (element === null) return undefined;
    element.addEventListener("scroll", place, true);
    // Not the window alone: a sheet beside this one takes some of the width, and so does a panel.
    const sizes = new ResizeObserver(place);
    sizes.observe(element);
    return () => {
      element.removeEventListener("scroll", place, true);
      sizes.disconnect();
    };
  }, [area, place]);

  return tags.map(({ key, text, color, x, y, width, isEditing }) => (
    <span
      key={key}
      className={isEditing ? "name-tag editing" : "name-tag"}
      style={{ "--person": color, left: x, top: y, maxWidth: width } as CSSProperties}
      // The list of people in the bar has the same for screen readers.
      aria-hidden="true"
      data-testid="name-tag"
    >
      {text}
    </span>
  ));
}
