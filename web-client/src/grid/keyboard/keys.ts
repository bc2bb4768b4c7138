// What a key means on the sheet: while the cursor stands on a cell, and while one is being edited.
//
// What it is not: the shortcuts for rows, columns and undo (see shortcuts.ts), which go first.
import type { Motion } from "../selection/navigate.ts";

export type Intent =
  | { do: "move"; motion: Motion; extend: boolean }
  /** Tab. */
  | { do: "travel"; step: -1 | 1 }
  /** Enter while a cell is edited, and Shift Enter. */
  | { do: "line"; step: -1 | 1 }
  | { do: "edit" | "clear" | "newline" | "cancel" | "toggle" }
  | { do: "fill"; axis: "rows" | "cols" }
  | { do: "select"; what: "all" | "rows" | "cols" };

export interface Key {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

/** A key that belongs to an input method which is composing a text. */
export function isComposing(event: { isComposing: boolean; keyCode: number }): boolean {
  return event.isComposing || event.keyCode === 229;
}

const ARROWS: Record<string, { dx: -1 | 0 | 1; dy: -1 | 0 | 1 }> = {
  ArrowUp: { dx: 0, dy: -1 },
  ArrowDown: { dx: 0, dy: 1 },
  ArrowLeft: { dx: -1, dy: 0 },
  ArrowRight: { dx: 1, dy: 0 },
};

function motionOf({ key, ctrlKey, metaKey }: Key): Motion | undefined {
  const far = ctrlKey || metaKey;
  const arrow = ARROWS[key];
  if (arrow !== undefined) return { to: far ? "edge" : "step", ...arrow };
  if (key === "PageDown") return { to: "page", dy: 1 };
  if (key === "PageUp") return { to: "page", dy: -1 };
  if (key === "Home") return { to: far ? "first" : "row-start" };
  if (key === "End") return { to: far ? "last" : "row-end" };
  return undefined;
}

/** A key with what is held down beside it, for example "Ctrl+Shift+Enter". */
function chordOf({ key, ctrlKey, metaKey, altKey, shiftKey }: Key): string {
  const held = [
    ctrlKey || metaKey ? "Ctrl+" : "",
    altKey ? "Alt+" : "",
    shiftKey ? "Shift+" : "",
    key.length === 1 ? key.toLowerCase() : key,
  ];
  return held.join("");
}

const TRAVEL: Record<string, Intent> = {
  Tab: { do: "travel", step: 1 },
  "Shift+Tab": { do: "travel", step: -1 },
};

const READY: Record<string, Intent> = {
  ...TRAVEL,
  Enter: { do: "edit" },
  F2: { do: "edit" },
  "Shift+Enter": { do: "line", step: -1 },
  Delete: { do: "clear" },
  Backspace: { do: "clear" },
  "Ctrl+a": { do: "select", what: "all" },
  "Shift+ ": { do: "select", what: "rows" },
  "Ctrl+ ": { do: "select", what: "cols" },
  "Ctrl+d": { do: "fill", axis: "rows" },
  "Ctrl+r": { do: "fill", axis: "cols" },
};

const EDITING: Record<string, Intent> = {
  ...TRAVEL,
  Escape: { do: "cancel" },
  Enter: { do: "line", step: 1 },
  "Shift+Enter": { do: "line", step: -1 },
  "Alt+Enter": { do: "newline" },
  "Ctrl+Enter": { do: "newline" },
};

const TOGGLES = new Set([" ", "Enter"]);

/** What a key means while no cell is edited; `checkbox`: the cursor is on one. */
export function readyIntent(event: Key, checkbox: boolean): Intent | undefined {
  const motion = event.altKey ? undefined : motionOf(event);
  if (motion !== undefined) return { do: "move", motion, extend: event.shiftKey };
  const chord = chordOf(event);
  return checkbox && TOGGLES.has(chord) ? { do: "toggle" } : READY[chord];
}

/**
 * What a key means while a cell is edited; all others are the editor's own. A text that was begun by
 * typing is left by the arrows; one that was opened keeps them for its caret.
 */
export function editingIntent(event: Key, typed: boolean): Intent | undefined {
  const chord = chordOf(event);
  if (EDITING[chord] !== undefined || !typed) return EDITING[chord];
  if (chord === "F2") return { do: "edit" };
  // Nothing is held down beside it.
  const motion = chord === event.key ? motionOf(event) : undefined;
  const leaves = motion?.to === "step" || motion?.to === "page";
  return leaves ? { do: "move", motion, extend: false } : undefined;
}
