// Typing into a cell, through one text field that always exists, has the focus and covers the cursor's
// cell. The field receives every key from the first character on: no key is lost at any speed, and an
// input method can begin on a cell that is only selected.
//
// What it is not: it draws nothing (see CellEntry.tsx) and moves no cursor (see control.ts).
// Invariants: the field is empty while no cell is edited. A text that the column refuses stays in the field, and is written
// nowhere. An open entry holds its cell by row and column
// and writes to no other cell, even after that row or column is deleted.
import type { Item } from "@glideapps/glide-data-grid";
import { Store } from "../../base/store.ts";

/**
 * ready: no cell is edited. typing: a new text replaces the cell's value; arrow keys commit it. editing:
 * the cell's value is open, and arrow keys move the caret. lost: the cell was deleted while the person
 * may still be typing. The hidden field then collects the keys until one of them leaves the cell. No key
 * reaches the cell that is now in its place.
 */
export type Mode = "ready" | "typing" | "editing" | "lost";

/** The text field. */
export interface Field {
  value: string;
  selectionStart: number;
  selectionEnd: number;
  setRangeText(text: string, start: number, end: number, mode: "end"): void;
  setSelectionRange(start: number, end: number): void;
}

/** The cell that is being edited. */
export interface EntryCell {
  /** Its present position; undefined when its row or column was deleted. */
  at(): Item | undefined;
  /** Why its column refuses a text; undefined where it takes it. */
  refusal(text: string): string | undefined;
  /** Writes a text. `from` is the text that was opened, for merging with the edits of others. */
  write(text: string, from: string | undefined): void;
  /** Shows that the row or column was deleted, and offers the text to the person. */
  lost(text: string): void;
  /** The editor goes away with a text that the column refuses: offers it to the person. */
  left(text: string, why: string): void;
  release(): void;
}

export interface EntryHost {
  /** Holds the cursor's cell for editing; undefined when it can't be edited. */
  take(): EntryCell | undefined;
  /** The cell's value as editable text; undefined while it is not loaded. */
  read(): { text: string; from: string | undefined } | undefined;
}

export class Entry {
  readonly mode = new Store<Mode>("ready");
  /** Why the column refuses the text in the field; undefined until a refused text is entered, and after each key. */
  readonly refusal = new Store<string | undefined>(undefined);
  readonly #host: EntryHost;
  #field: Field | undefined;
  #cell: EntryCell | undefined;
  #from: string | undefined;
  #opened = "";
  /** The text at the time of the last notice of a loss; undefined before the first. */
  #reported: string | undefined;

  constructor(host: EntryHost) {
    this.#host = host;
  }

  attach(field: Field | undefined): void {
    this.#field = field;
  }

  get isOpen(): boolean {
    return this.#cell !== undefined;
  }

  /** The text in the field. */
  get text(): string {
    return this.#field?.value ?? "";
  }

  /** The text with which the editor was opened. */
  get opened(): string {
    return this.#opened;
  }

  /** The position of the cell that is being edited. */
  at(): Item | undefined {
    return this.#cell?.at();
  }

  /** Called after each input, and when an input method begins: in mode `ready` this begins a new text. */
  typed(composing: boolean): void {
    this.refusal.set(undefined);
    if (this.isOpen || (this.text === "" && !composing)) return;
    this.#begin("typing", undefined, "");
    // A cell that can't be edited takes no text.
    if (!this.isOpen) this.#empty();
  }

  /**
   * Opens the cell's value with the caret at its end, or at the position that `caret` returns. A text that is
   * being typed stays and becomes editable.
   */
  open(caret = (text: string) => text.length): void {
    if (this.isOpen) {
      if (this.mode.get() !== "lost") this.mode.set("editing");
      return;
    }
    const held = this.#host.read();
    if (held === undefined) return;
    this.#begin("editing", held.from, held.text);
    if (!this.isOpen || this.#field === undefined) return;
    this.#field.value = held.text;
    const at = caret(held.text);
    this.#field.setSelectionRange(at, at);
  }

  /** Replaces the text in the field, with the caret at its end. */
  replace(text: string): void {
    if (!this.isOpen || this.#field === undefined) return;
    this.#field.value = text;
    this.#field.setSelectionRange(text.length, text.length);
    this.typed(false);
  }

  /** Inserts a text at the caret. */
  insert(text: string): void {
    const field = this.#field;
    if (!this.isOpen || field === undefined) return;
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
  }

  #begin(mode: Mode, from: string | undefined, opened: string): void {
    this.#cell = this.#host.take();
    if (this.#cell === undefined) return;
    this.#from = from;
    this.#opened = opened;
    this.mode.set(mode);
  }

  /** Writes the text in the field to the cell. False when the column refuses it: the editor stays open. */
  commit(): boolean {
    const cell = this.#cell;
    if (cell === undefined) return true;
    const { text, mode } = { text: this.text, mode: this.mode.get() };
    if (mode === "lost" || cell.at() === undefined) this.#notifyLoss(cell);
    else if (mode !== "editing" || text !== this.#opened) {
      const why = cell.refusal(text);
      this.refusal.set(why);
      if (why !== undefined) return false;
      cell.write(text, this.#from);
    }
    this.#close();
    cell.release();
    return true;
  }

  /** The editor goes away: a text that the column has refused is offered to the person. */
  leave(): void {
    const why = this.refusal.get();
    if (why === undefined) return;
    this.#cell?.left(this.text, why);
    this.cancel();
  }

  /** Closes the editor without a change to the cell. */
  cancel(): void {
    const cell = this.#cell;
    if (cell === undefined) return;
    this.#close();
    cell.release();
  }

  /** Called after each change of the sheet: detects that the cell was deleted. */
  check(): void {
    const cell = this.#cell;
    if (cell === undefined || this.mode.get() === "lost" || cell.at() !== undefined) return;
    this.mode.set("lost");
    this.#notifyLoss(cell);
  }

  /** Shows the notice immediately, and again when the person has typed more since. */
  #notifyLoss(cell: EntryCell): void {
    const { text } = this;
    if (text === this.#reported) return;
    this.#reported = text;
    cell.lost(text === this.#opened ? "" : text);
  }

  #close(): void {
    this.refusal.set(undefined);
    this.#cell = undefined;
    this.#from = undefined;
    this.#reported = undefined;
    this.#empty();
    this.mode.set("ready");
  }

  #empty(): void {
    if (this.#field !== undefined) this.#field.value = "";
  }
}
