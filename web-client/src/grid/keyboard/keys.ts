// Maps keys to commands: one table for a selected cell, one for a cell that is being edited.
//
// What it is not: the shortcuts for rows, columns and undo (see shortcuts.ts), which have priority.
import type { Motion } from "../selection/motion.ts";

export type Intent =
  | { do: "move"; motion: Motion; extend: boolean }
  /** Tab. */
  | { do: "tab"; step: -1 | 1 }
  /** Enter while a cell is edited, and Shift Enter. */
  | { do: "enter"; step: -1 | 1 }
  /** `follow`: opens the link of the cell. */
  | { do: "edit" | "clear" | "newline" | "cancel" | "toggle" | "follow" }
  | { do: "fill"; axis: "rows" | "cols" }
  | { do: "select"; what: "all" | "rows" | "cols" };

export interface Key {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

/** True for a key that an input method uses while it composes a text. */
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

/** A key with its modifiers, for example "Ctrl+Shift+Enter". */
function chordOf({ key, ctrlKey, metaKey, altKey, shiftKey }: Key): string {
  const held = [
    ctrlKey || metaKey ? "Ctrl+" : "",
    altKey ? "Alt+" : "",
    shiftKey ? "Shift+" : "",
    key.length === 1 ? key.toLowerCase() : key,
  ];
  return held.join("");
}

const TAB: Record<string, Intent> = {
  Tab: { do: "tab", step: 1 },
  "Shift+Tab": { do: "tab", step: -1 },
};

const READY: Record<string, Intent> = {
  ...TAB,
  Enter: { do: "edit" },
  F2: { do: "edit" },
  "Shift+Enter": { do: "enter", step: -1 },
  "Alt+Enter": { do: "follow" },
  Delete: { do: "clear" },
  Backspace: { do: "clear" },
  "Ctrl+a": { do: "select", what: "all" },
  "Shift+ ": { do: "select", what: "rows" },
  "Ctrl+ ": { do: "select", what: "cols" },
  "Ctrl+d": { do: "fill", axis: "rows" },
  "Ctrl+r": { do: "fill", axis: "cols" },
};

const EDITING: Record<string, Intent> = {
  ...TAB,
  Escape: { do: "cancel" },
  Enter: { do: "enter", step: 1 },
  "Shift+Enter": { do: "enter", step: -1 },
  "Alt+Enter": { do: "newline" },
  "Ctrl+Enter": { do: "newline" },
};

const TOGGLES = new Set([" ", "Enter"]);

/** The command of a key while no cell is edited; `checkbox`: the cursor is on a checkbox. */
export function readyIntent(event: Key, checkbox: boolean): Intent | undefined {
  const motion = event.altKey ? undefined : motionOf(event);
  if (motion !== undefined) return { do: "move", motion, extend: event.shiftKey };
  const chord = chordOf(event);
  return checkbox && TOGGLES.has(chord) ? { do: "toggle" } : READY[chord];
}

/**
 * The command of a key while a cell is edited; the text field handles all other keys. Arrow keys commit a
 * text that was begun by typing (`typed`); in an opened text they move the caret.
 */
export function editingIntent(event: Key, typed: boolean): Intent | undefined {
  const chord = chordOf(event);
  if (EDITING[chord] !== undefined || !typed) return EDITING[chord];
  if (chord === "F2") return { do: "edit" };
  // Only without modifiers.
  const motion = chord === event.key ? motionOf(event) : undefined;
  const leaves = motion?.to === "step" || motion?.to === "page";
  return leaves ? { do: "move", motion, extend: false } : undefined;
}
