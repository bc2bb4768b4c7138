// Where the rows of a table go: the choices of a person, and the request of them.
import type { MessageInitShape } from "@bufbuild/protobuf";
import { plural } from "../../../base/text.ts";
import { Role } from "../../../gen/gridloom/v1/roles_pb.ts";
import type { Sheet } from "../../../gen/gridloom/v1/sheets_pb.ts";
import type { TableColumn } from "../../../gen/gridloom/v1/tables_pb.ts";
import type {
  FillSheetRequestSchema,
  TableSourceSchema,
} from "../../../gen/gridloom/v1/transfers_pb.ts";

export type Way = "new" | "append" | "merge";

/** The rows that a person looks at. */
export interface Rows {
  fileId: string;
  /** The number of the table. */
  table: number;
  /** The id of the view of the table; empty: all rows. */
  viewId: string;
  etag: string;
}

export interface Target {
  way: Way;
  /** The name of a new sheet. */
  name: string;
  /** The sheet that is filled. */
  sheetId: string | undefined;
  /** The position of the key's column. */
  key: number | undefined;
}

const NAME_LONGEST = 200;

/** A name for a sheet: that of a table, without the ending of a file. */
export function sheetName(table: string): string {
  const name = table.replace(/\.(csv|tsv|txt|jsonl|ndjson|json|parquet|xlsx)$/i, "").trim();
  return [...(name === "" ? "New sheet" : name)].slice(0, NAME_LONGEST).join("");
}

/** What is still to be chosen, as a sentence; undefined when nothing is. */
export function missing({ way, name, sheetId, key }: Target): string | undefined {
  if (way === "new") {
    const characters = [...name.trim()].length;
    if (characters === 0) return "Give the sheet a name.";
    return characters > NAME_LONGEST ? `Use at most ${NAME_LONGEST} characters.` : undefined;
  }
  if (sheetId === undefined) return "Choose a sheet.";
  return way === "merge" && key === undefined ? "Choose the column that both have." : undefined;
}

/** Which rows are taken, as a sentence. */
export function rowsText(rows: number, isView: boolean): string {
  if (!isView) return `All ${plural(rows, "row")} of the table.`;
  return `${plural(rows, "row")}: those that match, in the order on the screen.`;
}

export function sourceOf(rows: Rows): MessageInitShape<typeof TableSourceSchema> {
  return { ...rows };
}

type TargetInit = MessageInitShape<typeof FillSheetRequestSchema>["target"];

/** The target of a request; `missing` has found nothing. */
export function targetOf({ way, name, sheetId = "", key = 0 }: Target): NonNullable<TargetInit> {
  switch (way) {
    case "new":
      return { case: "newSheet", value: { name: name.trim() } };
    case "append":
      return { case: "append", value: { sheetId } };
    case "merge":
      return { case: "merge", value: { sheetId, key: { column: { case: "at", value: key } } } };
  }
}

/** Whether a sheet takes rows of this person. */
export function takesRows({ role, deletedMicros }: Sheet): boolean {
  return deletedMicros === 0n && (role === Role.OWNER || role === Role.EDITOR);
}

/** The columns that can be the key: those with a name, since it is looked up in the sheet. */
export function keyColumns(
  columns: readonly TableColumn[],
): readonly { value: string; label: string }[] {
  return columns.flatMap(({ name }, at) =>
    name === "" ? [] : [{ value: String(at), label: name }],
  );
}
