// The selections and cursors of other people, as regions that the grid highlights: dashed for idle people, darker for
// the cell that a person edits.
import type { Highlight } from "@glideapps/glide-data-grid";
import type { Area } from "../../cells/area.ts";
import { oneCell } from "../../cells/area.ts";
import type { Person } from "../../live/view/people.ts";

type Style = NonNullable<Highlight["style"]>;

/** Regions for everyone's selection and cursor, cut to the sheet. */
export function peopleRegions(people: readonly Person[], rows: number, cols: number): Highlight[] {
  return people.flatMap(({ color, cursor, selected, editing, isIdle }) => {
    const place = (area: Area, tint: string, style: Style) => {
      const { row: y, col: x } = area;
      const width = Math.min(area.width, cols - x);
      const height = Math.min(area.height, rows - y);
      return width > 0 && height > 0
        ? [{ color: tint, range: { x, y, width, height }, style }]
        : [];
    };
    const fills = selected.flatMap((area) => place(area, `${color}22`, "no-outline"));
    const at = editing ?? cursor;
    if (at === undefined) return fills;
    const cell = oneCell(at.row, at.col);
    return [
      ...fills,
      ...place(cell, `${color}${editing === undefined ? "22" : "44"}`, "no-outline"),
      ...place(cell, color, isIdle ? "dashed" : "solid-outline"),
    ];
  });
}
