// A join as a person chooses it: the other table, the columns with the key, and which rows are taken.
import type { MessageInitShape } from "@bufbuild/protobuf";
import { JoinRows, type JoinTableSchema } from "../../../../gen/gridloom/v1/derivations_pb.ts";
import type { Table } from "../../../../gen/gridloom/v1/tables_pb.ts";
import { type Columns, columnAt } from "../made/columns.ts";

export interface KeyDraft {
  /** Of the row of the dialog; never reused. */
  id: number;
  /** The position of the column of the source. */
  column: number | undefined;
  /** That of the other table. */
  other: number | undefined;
}

export interface JoinDraft {
  fileId: string | undefined;
  /** The name of the other file. */
  fileName: string;
  /** The other table; undefined until it is known. */
  table: Table | undefined;
  keys: readonly KeyDraft[];
  rows: JoinRows;
}

export const NO_JOIN: JoinDraft = {
  fileId: undefined,
  fileName: "",
  table: undefined,
  keys: [],
  rows: JoinRows.ALL_OF_SOURCE,
};

export const MOST_KEYS = 8;

export const ROWS_OPTIONS = [
  {
    value: String(JoinRows.ALL_OF_SOURCE),
    label: "All rows of this table",
    about: "With empty cells where the other has no such key",
  },
  {
    value: String(JoinRows.MATCHED),
    label: "Only rows with a match",
    about: "Those whose key the other table has",
  },
  {
    value: String(JoinRows.UNMATCHED),
    label: "Only rows without a match",
    about: "Those whose key the other table lacks, without its columns",
  },
  {
    value: String(JoinRows.ALL),
    label: "All rows of both",
    about: "The rows of the other table without a match come last",
  },
] as const;

/** Names of columns that are keys more often than others. */
const KEY_NAME = /(^|[\s_-])(id|key|code|gtin|ean|isbn|sku|upc|asin|no|nr|number|email|e-mail)$/i;

/** The pairs of columns with the same name, by their positions, those with the name of a key first. */
export function sameNamed(
  columns: Columns,
  other: Columns,
): readonly { column: number; other: number }[] {
  const pairs = columns.flatMap(({ name }, column) => {
    const found = other.findIndex((one) => one.name === name);
    return name === "" || found === -1 ? [] : [{ column, other: found }];
  });
  const isKey = ({ column }: { column: number }) => KEY_NAME.test(columns[column]?.name ?? "");
  return [...pairs.filter(isKey), ...pairs.filter((pair) => !isKey(pair))];
}

export function nextKey(keys: readonly KeyDraft[]): KeyDraft {
  return {
    id: Math.max(0, ...keys.map(({ id }) => id)) + 1,
    column: undefined,
    other: undefined,
  };
}

/** The key that is suggested for two tables: the first pair with the same name, else one that is still to be chosen. */
export function suggestedKeys(columns: Columns, other: Columns): readonly KeyDraft[] {
  return [{ ...nextKey([]), ...sameNamed(columns, other)[0] }];
}

export function isWhole({ column, other }: KeyDraft): boolean {
  return column !== undefined && other !== undefined;
}

export function isLacking({ table, keys }: JoinDraft): boolean {
  return table === undefined || keys.length === 0 || !keys.every(isWhole);
}

/** The join of a request; `isLacking` is false. */
export function joinOf({
  fileId = "",
  table,
  keys,
  rows,
}: JoinDraft): MessageInitShape<typeof JoinTableSchema> {
  return {
    other: { fileId, table: table?.number ?? 0, etag: table?.etag ?? "" },
    keys: keys.map(({ column = 0, other = 0 }) => ({
      column: columnAt(column),
      other: columnAt(other),
    })),
    rows,
  };
}
