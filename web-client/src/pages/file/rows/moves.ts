// Carries out the keys of a grid on the selection of a table. The keys and the targets of motions are those of a sheet.
//
// What it is not: it edits nothing. Commands that change cells do nothing here, and Tab leaves the table, as no row is typed.
import type { Intent } from "../../../grid/keyboard/keys.ts";
import { type SheetShape, target } from "../../../grid/selection/motion.ts";
import { type Marked, oneMarked, type Place } from "./marked.ts";

export interface Moved {
  marked: Marked;
  /** The place that is to be on the screen. */
  shown: Place;
}

function select(what: "all" | "rows" | "cols", marked: Marked, shape: SheetShape): Marked {
  if (what !== "all") return { ...marked, whole: what };
  // From the first cell, so that the whole table is between the cursor and the corner.
  return { cursor: [0, 0], corner: [shape.cols - 1, shape.rows - 1] };
}

/** What a command selects; undefined for one that moves nothing, which leaves the key to the browser. */
export function performed(intent: Intent, marked: Marked, shape: SheetShape): Moved | undefined {
  const { cursor, corner, whole } = marked;
  switch (intent.do) {
    case "move": {
      const from = intent.extend ? corner : cursor;
      const to = target([...from], intent.motion, shape);
      if (intent.extend) return { marked: { cursor, corner: to, whole }, shown: to };
      return { marked: oneMarked(to), shown: to };
    }
    case "enter": {
      const step = { to: "step", dx: 0, dy: intent.step } as const;
      const to = target([...cursor], step, shape);
      return { marked: oneMarked(to), shown: to };
    }
    case "select":
      return { marked: select(intent.what, marked, shape), shown: cursor };
    default:
      return undefined;
  }
}
