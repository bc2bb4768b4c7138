// The selections and cursors of other people, as regions that the grid highlights.
import type { Highlight } from "@glideapps/glide-data-grid";
import type { Area } from "../../cells/area.ts";
import { oneCell } from "../../cells/area.ts";
import type { Person } from "../../live/view/people.ts";

/** Regions for everyone's selection and cursor, cut to the sheet. */
export function peopleRegions(people: readonly Person[], rows: number, cols: number): Highlight[] {
  return people.flatMap(({ color, cursor, selected }) => {
    const place = (area: Area, tint: string, style: "no-outline" | "solid-outline") => {
      const { row: y, col: x } = area;
      const width = Math.min(area.width, cols - x);
      const height = Math.min(area.height, rows - y);
      return width > 0 && height > 0
        ? [{ color: tint, range: { x, y, width, height }, style }]
        : [];
    };
    const fills = selected.flatMap((area) => place(area, `${color}22`, "no-outline"));
    if (cursor === undefined) return fills;
    const cell = oneCell(cursor.row, cursor.col);
    return [
      ...fills,
      ...place(cell, `${color}22`, "no-outline"),
      ...place(cell, color, "solid-outline"),
    ];
  });
}
