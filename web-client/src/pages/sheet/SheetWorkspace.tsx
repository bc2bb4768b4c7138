// The workspace of an open sheet: it connects the bar, the grid, the foot, the side panel and the dialogs.
import type { DataEditorRef, Item } from "@glideapps/glide-data-grid";
import {
  type ReactNode,
  type RefObject,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { useStore } from "../../base/store.ts";
import type { ColumnKind } from "../../gen/gridloom/v1/values_pb.ts";
import type { GridActions, MenuRequest, PageActions } from "../../grid/actions/page-actions.ts";
import { actionFor } from "../../grid/actions/shortcuts.ts";
import { useActions } from "../../grid/actions/use-actions.ts";
import { useClipboard } from "../../grid/clipboard/use-clipboard.ts";
import { GridView } from "../../grid/GridView.tsx";
import { useEntry } from "../../grid/keyboard/use-entry.ts";
import { GridMenu, RenameColumn } from "../../grid/menu/GridOverlay.tsx";
import { cellSelection } from "../../grid/selection/selection.ts";
import { type Selection, useSelection } from "../../grid/selection/use-selection.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { FocusHome, isCovered, isInCover } from "../../ui/overlay/focus.ts";
import { LazyPart, Part, usePreload } from "../../ui/Part.tsx";
import { PromptDialog } from "../../ui/PromptDialog.tsx";
import { isActive, usePane } from "../../ui/panes/pane.ts";
import { ClosedBanner } from "./ClosedBanner.tsx";
import { ColumnPart, type OverColumn } from "./column/ColumnPart.tsx";
import { PanelPart } from "./PanelPart.tsx";
import { CommentLayer, newMarks } from "./panel/CommentLayer.tsx";
import { copyCellLink } from "./panel/copy-link.ts";
import { useCommentHold } from "./panel/use-comment-hold.ts";
import { useOpenCell } from "./panel/use-open-cell.ts";
import { usePanel } from "./panel/use-panel.ts";
import { FollowFrame } from "./people/FollowFrame.tsx";
import { useFollow } from "./people/use-follow.ts";
import { RefusedBanner } from "./RefusedBanner.tsx";
import { SheetBar } from "./SheetBar.tsx";
import { SheetFoot } from "./SheetFoot.tsx";

const ShortcutsDialog = new LazyPart(() => import("./ShortcutsDialog.tsx"));

type Over =
  | { what: "menu"; request: MenuRequest }
  | { what: "rename-column"; col: number }
  | OverColumn
  | { what: "go-to-row" }
  | { what: "help" };

/** `?` opens the help, except in a text field; the shortcuts of the page work everywhere. */
function useHelpKey(actions: GridActions): void {
  const pane = usePane();
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const typing = (event.target as HTMLElement).closest("input, textarea, .grid-area");
      const action = event.key === "?" && typing === null ? "help" : actionFor(event);
      const global = action === "help" || action === "go-to-row";
      if (!global || isInCover(event) || !isActive(pane)) return;
      event.preventDefault();
      actions.run(action);
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [actions, pane]);
}

/** The actions of the page: each opens a dialog over the grid, or scrolls it. */
function usePage(
  selection: Selection,
  grid: RefObject<DataEditorRef | null>,
  setOver: (over: Over) => void,
  comment: (cell: Item) => void,
  copyLink: (cell: Item) => void,
): PageActions {
  const begin = useRef({ comment, copyLink });
  begin.current = { comment, copyLink };
  return useMemo(
    () => ({
      comment: (cell: Item) => begin.current.comment(cell),
      copyLink: (cell: Item) => begin.current.copyLink(cell),
      renameColumn: (col: number) => setOver({ what: "rename-column", col }),
      columnSettings: (col: number, kind?: ColumnKind) => setOver({ what: "column", col, kind }),
      convertColumn: (col: number, kind: ColumnKind) => setOver({ what: "convert", col, kind }),
      goToRow: () => setOver({ what: "go-to-row" }),
      help: () => setOver({ what: "help" }),
      goTo: (cell: Item) => {
        selection.set(cellSelection(cell));
        grid.current?.scrollTo(cell[0], cell[1], "both", 0, 0, { vAlign: "center" });
      },
    }),
    [selection, grid, setOver],
  );
}

const ORIGIN: Item = [0, 0];

export function SheetWorkspace({ id, sheet }: { id: string; sheet: LiveSheet }) {
  const { known } = useStore(sheet.layout);
  const [over, setOver] = useState<Over>();
  const panel = usePanel();
  const top = useRef(0);
  const rows = useRef(1);
  const shown = useMemo(() => ({ top, page: rows }), []);
  const [value, selection] = useSelection(sheet, top);
  const grid = useRef<DataEditorRef>(null);
  const area = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const keyboard = useEntry(sheet, selection, grid, rows);
  const begun = useCommentHold(sheet, () => panel.open("comments"));
  const copyLink = (cell: Item) => void copyCellLink(id, sheet, cell);
  const page = usePage(selection, grid, setOver, begun.begin, copyLink);
  const openCell = useOpenCell(id, sheet, page.goTo);
  const actions = useActions(sheet, selection, page);
  const follow = useFollow(sheet, grid, area);
  useClipboard(area, sheet, selection);
  useHelpKey(actions);
  usePreload(ShortcutsDialog.preload);
  const [marks] = useState(newMarks);
  const cursor = value.current?.cell ?? ORIGIN;
  const onMenu = useCallback((request: MenuRequest) => setOver({ what: "menu", request }), []);
  const close = useCallback(() => setOver(undefined), []);
  const pane = usePane();
  useEffect(() => {
    if (known && !isCovered() && isActive(pane)) field.current?.focus({ preventScroll: true });
  }, [known, pane]);
  const goTo = (row: number) => {
    close();
    page.goTo([selection.get().current?.cell[0] ?? 0, row]);
  };
  return (
    <FocusHome value={field}>
      <div className="sheet-page" data-testid="sheet-page">
        <SheetBar {...{ id, sheet, actions, follow, panel }} />
        <div className="banners">
          <ClosedBanner id={id} sheet={sheet} />
          <RefusedBanner sheet={sheet} />
        </div>
        <div className="grid-area" ref={area} data-testid="grid">
          {known ? (
            <GridView
              {...{ sheet, value, selection, actions, keyboard, grid, area, field, shown, onMenu }}
              marks={marks}
            />
          ) : (
            <div className="cover">
              <span className="spinner" role="status" aria-label="Opening the sheet" />
            </div>
          )}
          {known ? <CommentLayer {...{ id, sheet, cursor, marks, grid, area, panel }} /> : null}
          <FollowFrame follow={follow} />
        </div>
        <SheetFoot sheet={sheet} selection={value} onGoToRow={page.goToRow} />
        <PanelPart {...{ id, sheet, panel, cursor, begun, openCell }} />
        <Overlay {...{ id, over, sheet, selection, actions, grid, close, goTo }} />
      </div>
    </FocusHome>
  );
}

interface OverlayProps {
  id: string;
  over: Over | undefined;
  sheet: LiveSheet;
  selection: Selection;
  actions: GridActions;
  grid: RefObject<DataEditorRef | null>;
  close: () => void;
  goTo: (row: number) => void;
}

function Overlay({ id, over, sheet, selection, actions, grid, close, goTo }: OverlayProps) {
  switch (over?.what) {
    case "menu":
      return <GridMenu {...{ sheet, selection, actions }} request={over.request} onClose={close} />;
    case "rename-column":
      return <RenameColumn {...{ sheet, grid }} col={over.col} onClose={close} />;
    case "column":
    case "convert":
      return <ColumnPart {...{ id, sheet, over }} onClose={close} />;
    case "go-to-row":
      return <GoToRow rowCount={sheet.layout.get().rowCount} onGo={goTo} onClose={close} />;
    case "help":
      return <Help onClose={close} />;
    default:
      return null;
  }
}

/** The dialog with all keys. While it loads, its frame closes like the dialog. */
function Help({ onClose }: { onClose: () => void }) {
  const frame = (content: ReactNode) => (
    <Dialog title="Keyboard shortcuts" onClose={onClose} testId="shortcuts-loading" wide>
      {content}
    </Dialog>
  );
  return <Part part={ShortcutsDialog} given={{ onClose }} frame={frame} />;
}

interface GoToRowProps {
  rowCount: number;
  onGo: (row: number) => void;
  onClose: () => void;
}

function GoToRow({ rowCount, onGo, onClose }: GoToRowProps) {
  const read = (text: string) => Number(text.replace(/[\s,.]/g, ""));
  const check = (text: string) => {
    const row = read(text);
    const fits = Number.isInteger(row) && row >= 1 && row <= rowCount;
    return fits ? undefined : `Enter a number from 1 to ${rowCount.toLocaleString()}.`;
  };
  return (
    <PromptDialog
      title="Go to row"
      label="Row"
      action="Go"
      maxLength={14}
      check={check}
      onSubmit={(text) => onGo(read(text) - 1)}
      onClose={onClose}
    />
  );
}
