import type { Item } from "@glideapps/glide-data-grid";
import { expect, test } from "vitest";
import { Entry, type Field } from "./entry.ts";

/** A text field that behaves as the browser's. */
class TextField implements Field {
  value = "";
  selectionStart = 0;
  selectionEnd = 0;
  setSelectionRange(start: number, end: number): void {
    [this.selectionStart, this.selectionEnd] = [start, end];
  }
  setRangeText(text: string, start: number, end: number): void {
    this.value = this.value.slice(0, start) + text + this.value.slice(end);
    this.setSelectionRange(start + text.length, start + text.length);
  }
  type(entry: Entry, text: string): void {
    for (const character of text) {
      this.value += character;
      this.setSelectionRange(this.value.length, this.value.length);
      entry.typed(false);
    }
  }
}

function sheet() {
  const cells = new Map<string, string>();
  const reports: string[] = [];
  const refused = new Set<string>();
  const state = { cursor: [0, 0] as Item, gone: false, canEdit: true, loaded: true, refused };
  const entry = new Entry({
    take: () => {
      if (!state.canEdit) return undefined;
      const [col, row] = state.cursor;
      return {
        at: () => (state.gone ? undefined : [col, row]),
        write: (text) => cells.set(`${col}:${row}`, text),
        refusal: (text) => (refused.has(text) ? "expected a number" : undefined),
        lost: (text) => reports.push(text),
        left: (text, why) => reports.push(`${text}: ${why}`),
        release: () => undefined,
      };
    },
    read: () => {
      const text = cells.get(state.cursor.join(":")) ?? "";
      return state.loaded ? { text, from: text } : undefined;
    },
  });
  const field = new TextField();
  entry.attach(field);
  return { entry, field, cells, reports, state };
}

test("fast typing puts every character into its cell", () => {
  const { entry, field, cells, state } = sheet();
  for (let row = 0; row < 20; row++) {
    state.cursor = [0, row];
    field.type(entry, `code-${row}`);
    // The cursor moves in the same task, before the browser renders.
    expect(entry.commit()).toBe(true);
  }
  expect([...cells.values()]).toEqual(Array.from({ length: 20 }, (_, row) => `code-${row}`));
  expect([field.value, entry.mode.get()]).toEqual(["", "ready"]);
});

test("an opened cell has the caret at its end and no selected text", () => {
  const { entry, field, cells } = sheet();
  cells.set("0:0", "apple");
  entry.open();
  expect([field.selectionStart, field.selectionEnd]).toEqual([5, 5]);
  field.type(entry, "X");
  entry.commit();
  expect(cells.get("0:0")).toBe("appleX");
});

test("an unchanged or cancelled cell is not written", () => {
  const { entry, cells, field } = sheet();
  entry.open();
  entry.commit();
  field.type(entry, "x");
  entry.cancel();
  expect([cells.size, entry.isOpen, field.value]).toEqual([0, false, ""]);
});

test("a text that the column refuses stays in the editor, and is written nowhere", () => {
  const { entry, field, cells, reports, state } = sheet();
  for (const text of ["x", "xy"]) state.refused.add(text);
  field.type(entry, "x");
  expect([entry.commit(), entry.isOpen, field.value]).toEqual([false, true, "x"]);
  expect(entry.refusal.get()).toBe("expected a number");
  field.type(entry, "y");
  expect(entry.refusal.get()).toBeUndefined();
  expect(entry.commit()).toBe(false);
  entry.leave();
  expect([reports, cells.size, entry.isOpen, field.value]).toEqual([
    ["xy: expected a number"],
    0,
    false,
    "",
  ]);
  field.type(entry, "x");
  expect(entry.commit()).toBe(false);
  entry.cancel();
  expect([entry.refusal.get(), entry.isOpen]).toEqual([undefined, false]);
  field.type(entry, "7");
  entry.leave();
  expect([entry.commit(), cells.get("0:0"), reports.length]).toEqual([true, "7", 1]);
});

test("the text of a deleted row is reported and not written", () => {
  const { entry, field, cells, reports, state } = sheet();
  field.type(entry, "NEW");
  state.gone = true;
  entry.check();
  expect([reports, entry.mode.get()]).toEqual([["NEW"], "lost"]);
  entry.commit();
  expect([reports, cells.size, entry.isOpen, field.value]).toEqual([["NEW"], 0, false, ""]);
  state.gone = false;
  field.type(entry, "again");
  state.gone = true;
  entry.commit();
  expect([reports, cells.size]).toEqual([["NEW", "again"], 0]);
});

test("text typed after the row was deleted is reported and reaches no other cell", () => {
  const { entry, field, cells, reports, state } = sheet();
  field.type(entry, "half");
  state.gone = true;
  entry.check();
  // The row below is now at this position.
  state.gone = false;
  field.type(entry, " a word");
  entry.check();
  entry.open();
  expect(entry.mode.get()).toBe("lost");
  entry.commit();
  expect([reports, cells.size, field.value]).toEqual([["half", "half a word"], 0, ""]);
  field.type(entry, "next");
  entry.commit();
  expect(cells.get("0:0")).toBe("next");
});

test("Escape discards text typed after the row was deleted", () => {
  const { entry, field, cells, reports, state } = sheet();
  field.type(entry, "half");
  state.gone = true;
  entry.check();
  entry.cancel();
  expect([reports, cells.size, entry.mode.get(), field.value]).toEqual([["half"], 0, "ready", ""]);
});

test("an unchanged text is not reported as lost", () => {
  const { entry, cells, reports, state } = sheet();
  cells.set("0:0", "apple");
  entry.open();
  state.gone = true;
  entry.check();
  expect(reports).toEqual([""]);
});

test("an input method opens the cell before its first character", () => {
  const { entry, field, cells } = sheet();
  entry.typed(true);
  expect(entry.mode.get()).toBe("typing");
  field.value = "日本";
  entry.commit();
  expect(cells.get("0:0")).toBe("日本");
});

test("a newline is inserted at the caret", () => {
  const { entry, field, cells } = sheet();
  field.type(entry, "ab");
  field.setSelectionRange(1, 1);
  entry.insert("\n");
  entry.commit();
  expect(cells.get("0:0")).toBe("a\nb");
});

test("a read-only cell and a cell that is not loaded do not open", () => {
  const { entry, field, state } = sheet();
  state.loaded = false;
  entry.open();
  expect(entry.isOpen).toBe(false);
  state.canEdit = false;
  field.type(entry, "x");
  expect([entry.isOpen, field.value]).toEqual([false, ""]);
});
