// Typing into a cell: one text field that is always there, owns the keyboard and stands over the cell
// that the cursor is on. What is typed is in it from the first character on, so no key is lost however
// fast they come, and an input method can begin on a cell that is only selected.
//
// What it is not: it draws nothing (see CellEntry.tsx) and moves no cursor (see control.ts).
// Invariants: the field is empty while no cell is edited; an open entry holds its cell by its row and
// column, and writes to no other, also once that row or column is deleted.
import type { Item } from "@glideapps/glide-data-grid";
import { Store } from "../../base/store.ts";

/**
 * ready: no cell is edited. typing: a text that takes the place of what the cell holds; arrows end
 * it. editing: what the cell holds, with a caret in it. lost: the cell was deleted, and the person may
 * still be typing; the keys stay in the hidden field until one leaves the cell, and none of them
 * reaches the cell that took its place.
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

/** A cell that is being edited. */
export interface EntryCell {
  /** Where it is now; undefined when its row or column is gone. */
  at(): Item | undefined;
  /** Writes a text; `from` is the text that was opened, for what others typed meanwhile. */
  write(text: string, from: string | undefined): void;
  /** The row or column is gone: tells so, and keeps the text for the person. */
  lost(text: string): void;
  release(): void;
}

export interface EntryWorld {
  /** Takes the cell under the cursor; undefined when it can't be edited. */
  take(): EntryCell | undefined;
  /** What that cell holds, as one edits it; undefined while it is not loaded. */
  read(): { text: string; from: string | undefined } | undefined;
}

export class Entry {
  readonly mode = new Store<Mode>("ready");
  readonly #world: EntryWorld;
  #field: Field | undefined;
  #cell: EntryCell | undefined;
  #from: string | undefined;
  #opened = "";
  /** The text when the person was told of the loss; undefined before that. */
  #told: string | undefined;

  constructor(world: EntryWorld) {
    this.#world = world;
  }

  attach(field: Field | undefined): void {
    this.#field = field;
  }

  get isOpen(): boolean {
    return this.#cell !== undefined;
  }

  /** The text as it stands in the field. */
  get text(): string {
    return this.#field?.value ?? "";
  }

  /** Where the cell is that is being edited. */
  at(): Item | undefined {
    return this.#cell?.at();
  }

  /** Something was typed, or an input method begins: while ready, that begins a new text. */
  typed(composing: boolean): void {
    if (this.isOpen || (this.text === "" && !composing)) return;
    this.#begin("typing", undefined, "");
    // Where nothing can be edited, nothing is typed.
    if (!this.isOpen) this.#empty();
  }

  /**
   * Opens what the cell holds, with the caret at its end, or where `caret` finds it; a text that is being
   * typed is kept.
   */
  open(caret = (text: string) => text.length): void {
    if (this.isOpen) {
      if (this.mode.get() !== "lost") this.mode.set("editing");
      return;
    }
    const held = this.#world.read();
    if (held === undefined) return;
    this.#begin("editing", held.from, held.text);
    if (!this.isOpen || this.#field === undefined) return;
    this.#field.value = held.text;
    const at = caret(held.text);
    this.#field.setSelectionRange(at, at);
  }

  /** Puts a text in at the caret. */
  insert(text: string): void {
    const field = this.#field;
    if (!this.isOpen || field === undefined) return;
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
  }

  #begin(mode: Mode, from: string | undefined, opened: string): void {
    this.#cell = this.#world.take();
    if (this.#cell === undefined) return;
    this.#from = from;
    this.#opened = opened;
    this.mode.set(mode);
  }

  /** Writes what stands in the field. True when a cell was being edited. */
  commit(): boolean {
    const cell = this.#cell;
    if (cell === undefined) return false;
    const { text, mode } = { text: this.text, mode: this.mode.get() };
    if (mode === "lost" || cell.at() === undefined) this.#tellLoss(cell);
    else if (mode !== "editing" || text !== this.#opened) cell.write(text, this.#from);
    this.#close();
    cell.release();
    return true;
  }

  /** Leaves the cell as it was. */
  cancel(): void {
    const cell = this.#cell;
    if (cell === undefined) return;
    this.#close();
    cell.release();
  }

  /** To be called when lines have come or gone. */
  check(): void {
    const cell = this.#cell;
    if (cell === undefined || this.mode.get() === "lost" || cell.at() !== undefined) return;
    this.mode.set("lost");
    this.#tellLoss(cell);
  }

  /** Tells at once, and again when more was typed since. */
  #tellLoss(cell: EntryCell): void {
    const { text } = this;
    if (text === this.#told) return;
    this.#told = text;
    cell.lost(text === this.#opened ? "" : text);
  }

  #close(): void {
    this.#cell = undefined;
    this.#from = undefined;
    this.#told = undefined;
    this.#empty();
    this.mode.set("ready");
  }

  #empty(): void {
    if (this.#field !== undefined) this.#field.value = "";
  }
}
