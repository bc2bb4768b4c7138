// All keys by section, for the help dialog, which loads later.
import { type Action, keysOf, SHORTCUTS } from "./shortcuts.ts";

/** Actions that are not about rows and columns. */
const ELSEWHERE = new Set<Action>(["help", "go-to-row", "undo", "redo", "comment"]);

/** All keys by section, for the help dialog. */
export const HELP: readonly { title: string; keys: readonly [keys: string, label: string][] }[] = [
  {
    title: "Moving",
    keys: [
      ["← ↑ → ↓", "One cell"],
      ["Tab, Shift Tab", "Right, left"],
      ["Enter after Tabs", "Next row, first column"],
      ["Ctrl ← ↑ → ↓", "To the edge of a block"],
      ["Page Up, Page Down", "One screen"],
      ["Ctrl Home, Ctrl End", "First, last cell"],
      [keysOf("go-to-row"), "Go to row"],
    ],
  },
  {
    title: "Selecting",
    keys: [
      ["Shift with an arrow", "Extend"],
      ["Ctrl A", "Everything"],
      ["Shift Space", "Row"],
      ["Ctrl Space", "Column"],
    ],
  },
  {
    title: "Editing",
    keys: [
      ["Enter, F2", "Edit the cell"],
      ["Alt Enter", "New line in the cell"],
      ["Alt Enter on a link", "Open the link"],
      ["Esc", "Cancel the edit"],
      ["Delete", "Clear"],
      ["Ctrl C, X, V", "Copy, cut, paste"],
      ["Ctrl D, Ctrl R", "Fill down, right"],
      [keysOf("undo"), "Undo your last change in this tab"],
      [keysOf("redo"), "Redo what you undid"],
      [keysOf("comment"), "Comment on the cell"],
    ],
  },
  {
    title: "Sheets",
    keys: [
      ["Ctrl Alt Page Up, Down", "Previous, next tab"],
      ["Ctrl Alt Shift Page Up, Down", "Sheet beside"],
    ],
  },
  {
    title: "Rows and columns",
    keys: SHORTCUTS.filter(({ action }) => !ELSEWHERE.has(action)).map(({ keys, label }) => [
      keys,
      label,
    ]),
  },
];
