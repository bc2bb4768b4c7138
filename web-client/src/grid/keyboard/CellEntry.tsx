// The text field over the cursor's cell. It has the focus whenever the sheet has it: nearly invisible
// while no cell is edited, and the editor of the cell while one is.
//
// What it is not: it makes no decisions (see entry.ts and control.ts).
import type { DataEditorRef, Item } from "@glideapps/glide-data-grid";
import {
  type ClipboardEvent,
  type KeyboardEvent,
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useReducer,
  useRef,
} from "react";
import { useStore } from "../../base/store.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { showToast } from "../../ui/toasts.ts";
import type { GridActions, MenuRequest } from "../actions/page-actions.ts";
import { actionFor } from "../actions/shortcuts.ts";
import type { ListKeys } from "../choice/ChoiceList.tsx";
import type { Control } from "./control.ts";
import { EntryAid } from "./EntryAid.tsx";
import type { Entry } from "./entry.ts";
import { aidBox, fieldBox } from "./field-box.ts";
import { editingIntent, isComposing, readyIntent } from "./keys.ts";

interface CellEntryProps {
  sheet: LiveSheet;
  entry: Entry;
  control: Control;
  actions: GridActions;
  field: RefObject<HTMLTextAreaElement | null>;
  grid: RefObject<DataEditorRef | null>;
  cursor: Item;
  /** The name of the cursor's cell for screen readers. */
  label: string;
  checkbox: boolean;
  canEdit: boolean;
  onMenu: (request: MenuRequest) => void;
}

const READ_ONLY = "You can view this sheet but not change it.";

/** True for keys that would type a character. */
function types({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  return key.length === 1 && !ctrlKey && !metaKey && !altKey;
}

/** Handles a key; true when the sheet used it, false when the text field should. */
function onKey(
  event: KeyboardEvent,
  { entry, control, actions, checkbox, canEdit }: CellEntryProps,
  list: ListKeys | undefined,
): boolean {
  if (isComposing(event.nativeEvent)) return false;
  // This includes a sheet that was closed while the editor is open: its field is read-only then.
  if (!canEdit && types(event)) showToast("info", READ_ONLY);
  if (entry.isOpen) {
    if (list?.(event) === true) return true;
    const intent = editingIntent(event, entry.mode.get() !== "editing");
    return intent !== undefined && control.perform(intent);
  }
  const action = actionFor(event);
  if (action !== undefined) {
    actions.run(action);
    return true;
  }
  const intent = readyIntent(event, checkbox);
  return intent !== undefined && control.perform(intent);
}

/** Keeps the field over its cell while the sheet changes and the grid scrolls. Returns how to place it. */
function usePlacement(
  { sheet, entry, field, grid, cursor }: CellEntryProps,
  aid: RefObject<HTMLElement | null>,
): () => void {
  const mode = useStore(entry.mode);
  const version = useStore(sheet.version);
  const place = useCallback(() => {
    const element = field.current;
    const area = element?.parentElement;
    if (!element || !area) return;
    const [col, row] = entry.at() ?? cursor;
    const cell = grid.current?.getBounds(col, row);
    if (cell !== undefined) fieldBox(element, area.getBoundingClientRect(), cell, entry.isOpen);
    if (aid.current !== null) aidBox(aid.current, element, area);
  }, [entry, field, grid, cursor, aid]);

  useLayoutEffect(() => {
    void mode;
    void version;
    place();
    // Once more after the grid has drawn the change.
    const frame = requestAnimationFrame(place);
    return () => cancelAnimationFrame(frame);
  }, [place, mode, version]);

  useEffect(() => {
    entry.attach(field.current ?? undefined);
    const unsubscribe = sheet.version.subscribe(() => entry.check());
    const area = field.current?.parentElement;
    area?.addEventListener("scroll", place, true);
    return () => {
      unsubscribe();
      area?.removeEventListener("scroll", place, true);
    };
  }, [entry, field, sheet, place]);
  return place;
}

export function CellEntry(props: CellEntryProps) {
  const { entry, field, label, canEdit } = props;
  const mode = useStore(entry.mode);
  const refusal = useStore(entry.refusal);
  const aid = useRef<HTMLDivElement>(null);
  const keys = useRef<ListKeys>(undefined);
  const place = usePlacement(props, aid);
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const typed = () => {
    redraw();
    place();
  };

  const own = (event: ClipboardEvent) => {
    // While a cell is edited, the text field handles the clipboard.
    if (entry.isOpen) event.stopPropagation();
  };

  const entryField = (
    <textarea
      ref={field}
      className="cell-entry"
      data-testid="cell-entry"
      data-mode={mode}
      aria-label={label}
      readOnly={!canEdit}
      rows={1}
      spellCheck={false}
      autoComplete="off"
      autoCapitalize="off"
      // On a touch screen the keyboard appears when a cell is opened, not when one is touched.
      inputMode={mode === "ready" ? "none" : "text"}
      onContextMenu={(event) => {
        // The menu key, or Shift F10. While a cell is edited, the browser shows its own menu.
        if (entry.isOpen) return;
        event.preventDefault();
        const { left, bottom } = event.currentTarget.getBoundingClientRect();
        props.onMenu({ at: { x: left, y: bottom } });
      }}
      onKeyDown={(event) => {
        if (!onKey(event, props, keys.current)) return;
        event.preventDefault();
        event.stopPropagation();
        place();
      }}
      onCompositionStart={() => entry.typed(true)}
      onInput={() => {
        entry.typed(false);
        typed();
      }}
      onBlur={({ currentTarget, relatedTarget }) => {
        // The grid returns the focus immediately, and so does another window when the person comes back:
        // neither ends the edit.
        const stays = currentTarget.parentElement?.contains(relatedTarget) === true;
        if (document.hasFocus() && !stays) entry.commit();
      }}
      onCopy={own}
      onCut={own}
      onPaste={own}
      aria-invalid={refusal !== undefined}
    />
  );
  return (
    <>
      {entryField}
      <EntryAid {...{ ...props, aid, keys, place }} onReplace={typed} />
    </>
  );
}
