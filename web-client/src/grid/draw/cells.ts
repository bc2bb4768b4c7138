// Cells as the grid draws them and as its accessible table reads them: their values as text, without the
// apostrophe that typing a text such as 007 needs.
import { type GridCell, GridCellKind } from "@glideapps/glide-data-grid";
import { type CellValue, fitNumber, formatValue, isCalendar } from "../../cells/values.ts";
import { ColumnKind } from "../../gen/gridloom/v1/values_pb.ts";
import { textWidth } from "./text-width.ts";

/** CSS pixels: both paddings of a cell, and the widest digit of the grid's font. */
const PADDING = 20;
const DIGIT = 8.3;

/** Longer text is cut for drawing only; the editor and the clipboard have all of it. */
const DRAWN_CHARACTERS = 300;

const LOADING: GridCell = {
  kind: GridCellKind.Loading,
  allowOverlay: false,
  skeletonWidth: 70,
  skeletonHeight: 12,
  skeletonWidthVariability: 40,
};

/** How a cell is drawn besides its value. */
interface Look {
  kind: ColumnKind;
  width: number;
  canEdit: boolean;
  /** The decimal mark of the person. */
  decimal: string;
  changedAt: number | undefined;
  /** The text of a value in a column that has a form of its own; undefined where it has none. */
  shown: string | undefined;
  /** The color of a value that does not fit its column, and of a link. */
  color: string | undefined;
}

/** The cell to draw; a cell that is not loaded becomes a grey bar. */
export function gridCell(
  value: CellValue | undefined,
  { kind, width, canEdit, decimal, shown, changedAt, color }: Look,
): GridCell {
  if (value === undefined) return LOADING;
  const flash = changedAt === undefined ? {} : { lastUpdated: changedAt };
  if (kind === ColumnKind.BOOL && typeof value !== "string" && isBoolean(value))
    return {
      kind: GridCellKind.Boolean,
      data: value,
      allowOverlay: false,
      readonly: !canEdit,
      contentAlign: "center",
      ...flash,
    };
  const text = shown ?? formatValue(value, kind, decimal);
  return {
    kind: GridCellKind.Text,
    data: text,
    displayData:
      shown !== undefined && typeof value === "number"
        ? fitForm(shown, width - PADDING)
        : drawn(value, text, width, kind === ColumnKind.NUMBER ? decimal : "."),
    allowOverlay: false,
    readonly: !canEdit,
    copyData: text,
    contentAlign: align(value),
    ...(color === undefined ? {} : { themeOverride: { textDark: color } }),
    ...flash,
  };
}

function drawn(value: CellValue, text: string, width: number, decimal: string): string {
  if (typeof value === "number")
    return fitNumber(value, Math.floor((width - PADDING) / DIGIT)).replace(".", decimal);
  if (isCalendar(value)) return fitTime(text, width - PADDING);
  return text.length > DRAWN_CHARACTERS ? `${text.slice(0, DRAWN_CHARACTERS)}…` : text;
}

/** The text of a number with a form; without a part of it, it would be another number. */
function fitForm(text: string, room: number): string {
  return textWidth(text) <= room ? text : "#".repeat(Math.max(1, Math.floor(room / DIGIT)));
}

/** The text of a time, with a mark where it is cut: without its end it would be another time. */
function fitTime(text: string, room: number): string {
  if (textWidth(text) <= room) return text;
  let end = text.length - 1;
  while (end > 0 && textWidth(`${text.slice(0, end)}…`) > room) end--;
  return `${text.slice(0, end)}…`;
}

function isBoolean(value: CellValue): value is boolean | null {
  return value === null || typeof value === "boolean";
}

function align(value: CellValue): "left" | "right" | "center" {
  if (typeof value === "number") return "right";
  return typeof value === "boolean" ? "center" : "left";
}
