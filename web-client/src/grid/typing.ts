// The text with which a person began to edit a cell. What they have changed of it in the end is laid
// over what others typed meanwhile; without it, the whole text would replace theirs.
import type { Item } from "@glideapps/glide-data-grid";
import type { CellValue } from "./values.ts";

export interface Typing {
  /** An editor opens on what the cell holds. */
  begin(at: Item, value: CellValue | undefined): void;
  /** The text that the editor of this cell opened on; once, and only if it was one. */
  end(at: Item): string | undefined;
}

export function createTyping(): Typing {
  let begun: { at: Item; text: string } | undefined;
  return {
    begin(at, value) {
      begun = typeof value === "string" ? { at, text: value } : undefined;
    },
    end([col, row]) {
      const text = begun?.at[0] === col && begun.at[1] === row ? begun.text : undefined;
      begun = undefined;
      return text;
    },
  };
}
