// The text of values in a column: read and written by its kind and settings, and in its locale or else the account's.
//
// No rules of its own: the engine has them.
import { toBinary } from "@bufbuild/protobuf";
import { ColumnText } from "../../../engine/pkg/web_engine.js";
import { localeNow } from "../../api/session.ts";
import type { CellValue } from "../../cells/values.ts";
import {
  type ColumnKind,
  type ColumnSettings,
  ColumnSettingsSchema,
} from "../../gen/gridloom/v1/values_pb.ts";

export class Texts {
  readonly #column: ColumnText;

  constructor(column: ColumnText) {
    this.#column = column;
  }

  /** The texts of a kind, with settings. */
  static of(kind: ColumnKind, settings?: ColumnSettings): Texts {
    const bytes = settings && toBinary(ColumnSettingsSchema, settings);
    return new Texts(new ColumnText(kind, bytes));
  }

  /** The value of a typed text. */
  typed(text: string): CellValue {
    return this.#column.readTyped(text, localeNow());
  }

  /** The value of a pasted text. */
  pasted(text: string): CellValue {
    return this.#column.readText(text, localeNow());
  }

  /** The text with which an editor of a value begins. */
  edited(value: CellValue): string {
    return this.#column.editedText(value, localeNow());
  }

  /** The text that people see. */
  shown(value: CellValue): string {
    return this.#column.shownText(value, localeNow());
  }

  /** Why the column refuses a value; undefined where it takes it. */
  refusal(value: CellValue): string | undefined {
    return this.#column.refusal(value);
  }

  free(): void {
    this.#column.free();
  }
}
