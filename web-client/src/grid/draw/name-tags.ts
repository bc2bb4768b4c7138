// Where the names of other people stand: above the upper left corner of their cells.
import type { Cell, Person } from "../../live/view/people.ts";
import type { Rows } from "../../live/view/viewport.ts";

export interface NameTag {
  /** The account and the cell: each move begins another tag. */
  key: string;
  text: string;
  color: string;
  x: number;
  y: number;
  /** The most pixels of its width: those of the cell that are on the screen. */
  width: number;
  isEditing: boolean;
}

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The grid on the screen, in pixels of its area. */
export interface Screen {
  boundsOf(cell: Cell): Box | undefined;
  rows: Rows;
  /** The width of the row numbers. */
  left: number;
  width: number;
  height: number;
}

/** The height of a name. */
const TAG_PIXELS = 16;
/** A cell with fewer pixels on the screen shows no name. */
const LEAST_PIXELS = 24;
/** The most names at once: more would hide the cells. */
const MOST_TAGS = 40;

/** The cell at which a person's name stands; undefined for idle people, and outside of the rows on the screen. */
function placeOf({ isIdle, cursor, editing }: Person, { start, count }: Rows): Cell | undefined {
  const cell = editing ?? cursor;
  if (isIdle || cell === undefined) return undefined;
  return cell.row >= start && cell.row < start + count ? cell : undefined;
}

/** The place of a name above its cell; undefined when too little of the cell is on the screen. */
function above(cell: Cell, { boundsOf, left, width, height }: Screen) {
  const box = boundsOf(cell);
  if (box === undefined || box.y >= height) return undefined;
  const x = Math.max(box.x, left);
  const shown = Math.min(box.x + box.width, width) - x;
  return shown < LEAST_PIXELS ? undefined : { x, y: Math.max(0, box.y - TAG_PIXELS), width: shown };
}

/** The names of active people whose cells are on the screen; of people in one cell, the first. */
export function nameTags(people: readonly Person[], screen: Screen): NameTag[] {
  const tags = new Map<string, NameTag>();
  for (const person of people) {
    const cell = placeOf(person, screen.rows);
    if (cell === undefined || tags.has(`${cell.row}:${cell.col}`)) continue;
    const place = above(cell, screen);
    if (place === undefined) continue;
    const { id, name, color, isOwn, editing } = person;
    const isEditing = editing !== undefined;
    const called = isOwn ? "You" : name;
    const text = isEditing ? `${called} …` : called;
    const key = `${id}/${cell.row}:${cell.col}`;
    tags.set(`${cell.row}:${cell.col}`, { key, text, color, isEditing, ...place });
    if (tags.size >= MOST_TAGS) break;
  }
  return [...tags.values()];
}
