// How the values of a table look: their text, their side of the cell, whether they fit their column, and where they lead.
//
// What it is not: rules of its own. The engine has them, and until it is loaded no value is marked.
import { useEffect, useMemo } from "react";
import { type CellValue, fitNumber, formatValue } from "../../../cells/values.ts";
import type { TableColumn } from "../../../gen/gridloom/v1/tables_pb.ts";
import { ColumnKind } from "../../../gen/gridloom/v1/values_pb.ts";
import { linkOf } from "../../../grid/links/follow.ts";
import type { Texts } from "../../../live/engine/texts.ts";
import { refusing } from "../../import/misfits.ts";
import { useDecimalMark } from "../../shared/use-decimal-mark.ts";
import { misfitText } from "./misfit-text.ts";
import { digitsIn } from "./sizes.ts";

/** A longer text is cut for drawing only; a copy has all of it. */
const DRAWN_CHARACTERS = 300;

export interface Looks {
  /** The text of a value in a column that is so wide. */
  text: (value: CellValue, col: number, width: number) => string;
  /** Why a value does not fit its column. */
  misfit: (value: CellValue, col: number) => string | undefined;
  /** The address that a value leads to. */
  link: (value: CellValue, col: number) => string | undefined;
}

/** The rules of the columns that were shown so far: a table may have thousands of columns. */
class Rules {
  readonly #columns: readonly TableColumn[];
  readonly #known = new Map<number, Texts | undefined>();

  constructor(columns: readonly TableColumn[]) {
    this.#columns = columns;
  }

  of(col: number): Texts | undefined {
    if (!this.#known.has(col)) {
      const column = this.#columns[col];
      this.#known.set(col, column && refusing(column));
    }
    return this.#known.get(col);
  }

  free(): void {
    for (const texts of this.#known.values()) texts?.free();
    this.#known.clear();
  }
}

function looksOf(columns: readonly TableColumn[], mark: string | undefined, rules: Rules): Looks {
  const kindOf = (col: number) => columns[col]?.kind ?? ColumnKind.ANY;
  const decimal = mark ?? ".";
  return {
    text: (value, col, width) => {
      const kind = kindOf(col);
      if (typeof value === "number") {
        const text = fitNumber(value, digitsIn(width));
        return kind === ColumnKind.NUMBER ? text.replace(".", decimal) : text;
      }
      const text = formatValue(value, kind, decimal);
      return text.length > DRAWN_CHARACTERS ? `${text.slice(0, DRAWN_CHARACTERS)}…` : text;
    },
    misfit: (value, col) => {
      if (mark === undefined || value === null) return undefined;
      const reason = rules.of(col)?.refusal(value);
      return reason === undefined ? undefined : misfitText(reason);
    },
    link: (value, col) => (mark === undefined ? undefined : linkOf(value, kindOf(col))),
  };
}

export function useLooks(columns: readonly TableColumn[]): Looks {
  const mark = useDecimalMark();
  const rules = useMemo(() => new Rules(columns), [columns]);
  useEffect(() => () => rules.free(), [rules]);
  return useMemo(() => looksOf(columns, mark, rules), [columns, mark, rules]);
}
