import { expect, test } from "vitest";
import { editingIntent, isComposing, type Key, readyIntent } from "./keys.ts";

function key(words: string): Key {
  const parts = words.split("+");
  const has = (word: string) => parts.includes(word);
  return {
    key: parts.at(-1) ?? "",
    ctrlKey: has("Ctrl"),
    metaKey: has("Meta"),
    altKey: has("Alt"),
    shiftKey: has("Shift"),
  };
}

test.each([
  ["Enter", { do: "enter", step: 1 }],
  ["Shift+Enter", { do: "enter", step: -1 }],
  ["Alt+Enter", { do: "newline" }],
  ["Ctrl+Enter", { do: "newline" }],
  ["Tab", { do: "tab", step: 1 }],
  ["Shift+Tab", { do: "tab", step: -1 }],
  ["Escape", { do: "cancel" }],
  ["x", undefined],
  ["Home", undefined],
  ["Ctrl+z", undefined],
])("%s while a cell is edited", (words, intent) => {
  expect(editingIntent(key(words), true)).toEqual(intent);
  expect(editingIntent(key(words), false)).toEqual(intent);
});

test("arrow keys commit a typed text, and move the caret in an opened one", () => {
  for (const arrow of ["ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight"]) {
    expect(editingIntent(key(arrow), true)?.do).toBe("move");
    expect(editingIntent(key(arrow), false)).toBeUndefined();
    expect(editingIntent(key(`Shift+${arrow}`), true)).toBeUndefined();
  }
});

test.each([
  ["Enter", { do: "edit" }],
  ["F2", { do: "edit" }],
  ["Delete", { do: "clear" }],
  ["Ctrl+d", { do: "fill", axis: "rows" }],
  ["Ctrl+D", { do: "fill", axis: "rows" }],
  ["Ctrl+ ", { do: "select", what: "cols" }],
  ["Shift+ ", { do: "select", what: "rows" }],
  ["Ctrl+End", { do: "move", motion: { to: "last" }, extend: false }],
  ["Shift+PageDown", { do: "move", motion: { to: "page", dy: 1 }, extend: true }],
  ["Escape", undefined],
  ["a", undefined],
  [" ", undefined],
])("%s on a selected cell", (words, intent) => {
  expect(readyIntent(key(words), false)).toEqual(intent);
});

test("Space and Enter toggle a checkbox", () => {
  expect(readyIntent(key(" "), true)).toEqual({ do: "toggle" });
  expect(readyIntent(key("Enter"), true)).toEqual({ do: "toggle" });
});

test("keys of an input method are recognised", () => {
  expect(isComposing({ isComposing: true, keyCode: 13 })).toBe(true);
  expect(isComposing({ isComposing: false, keyCode: 229 })).toBe(true);
  expect(isComposing({ isComposing: false, keyCode: 13 })).toBe(false);
});
