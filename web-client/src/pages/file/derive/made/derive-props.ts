// What a dialog that makes a file of rows is opened with. Types alone.
import type { Rows } from "../../transfer/target.ts";
import type { Columns } from "./columns.ts";

export interface DeriveProps {
  rows: Rows;
  /** The name of the table. */
  name: string;
  columns: Columns;
  /** Which rows they are. */
  about: string;
  onClose: () => void;
}
