// The shortcuts for actions on a sheet; keys.ts has the keys that move and edit. One table serves the key
// handler, the menus and the help dialog (help.ts).

export type Action =
  | "undo"
  | "redo"
  | "insert-rows"
  | "insert-cols"
  | "delete-lines"
  | "rows-up"
  | "rows-down"
  | "cols-left"
  | "cols-right"
  | "go-to-row"
  | "help"
  | "comment"
  | "rename-column";

/** Alternative keys that the help dialog leaves out. */
const ALSO: readonly (Chord & { action: Action })[] = [
  { action: "redo", key: "y", ctrl: true },
  // With Ctrl Alt, some keyboards of Windows write this letter.
  { action: "comment", key: "µ", ctrl: true, alt: true },
];

interface Chord {
  key: string;
  ctrl?: boolean;
  alt?: boolean;
  shift?: boolean;
}

interface Shortcut extends Chord {
  action: Action;
  /** The keys as the help dialog shows them. */
  keys: string;
  label: string;
}

export const SHORTCUTS: readonly Shortcut[] = [
  { action: "undo", key: "z", ctrl: true, keys: "Ctrl Z", label: "Undo your last change" },
  {
    action: "redo",
    key: "z",
    ctrl: true,
    shift: true,
    keys: "Ctrl Shift Z",
    label: "Redo what you undid",
  },
  {
    action: "insert-rows",
    key: "=",
    ctrl: true,
    alt: true,
    keys: "Ctrl Alt =",
    label: "Insert rows above",
  },
  {
    action: "insert-cols",
    key: "+",
    ctrl: true,
    alt: true,
    shift: true,
    keys: "Ctrl Alt Shift =",
    label: "Insert columns left",
  },
  {
    action: "delete-lines",
    key: "-",
    ctrl: true,
    alt: true,
    keys: "Ctrl Alt −",
    label: "Delete selected rows or columns",
  },
  {
    action: "rows-up",
    key: "ArrowUp",
    alt: true,
    shift: true,
    keys: "Alt Shift ↑",
    label: "Move rows up",
  },
  {
    action: "rows-down",
    key: "ArrowDown",
    alt: true,
    shift: true,
    keys: "Alt Shift ↓",
    label: "Move rows down",
  },
  {
    action: "cols-left",
    key: "ArrowLeft",
    alt: true,
    shift: true,
    keys: "Alt Shift ←",
    label: "Move columns left",
  },
  {
    action: "cols-right",
    key: "ArrowRight",
    alt: true,
    shift: true,
    keys: "Alt Shift →",
    label: "Move columns right",
  },
  { action: "rename-column", key: "F2", shift: true, keys: "Shift F2", label: "Rename column" },
  {
    action: "comment",
    key: "m",
    ctrl: true,
    alt: true,
    keys: "Ctrl Alt M",
    label: "Comment on the cell",
  },
  { action: "go-to-row", key: "g", ctrl: true, keys: "Ctrl G", label: "Go to row" },
  { action: "help", key: "/", ctrl: true, keys: "Ctrl /", label: "Keyboard shortcuts" },
];

/** An action's keys as text; empty for an action without a shortcut. */
export function keysOf(action: Action): string {
  return SHORTCUTS.find((shortcut) => shortcut.action === action)?.keys ?? "";
}

interface KeyState {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

function presses(chord: Chord, event: KeyState): boolean {
  const sameKey = chord.key === event.key || chord.key === event.key.toLowerCase();
  const ctrl = event.ctrlKey || event.metaKey;
  return (
    sameKey &&
    (chord.ctrl ?? false) === ctrl &&
    (chord.alt ?? false) === event.altKey &&
    (chord.shift ?? false) === event.shiftKey
  );
}

/** The action of a key press. */
export function actionFor(event: KeyState): Action | undefined {
  return [...SHORTCUTS, ...ALSO].find((shortcut) => presses(shortcut, event))?.action;
}
