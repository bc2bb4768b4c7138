// The parts that open over the grid: the menu of cells or of a column, and the field that renames a column.
//
// Invariant: each holds its rows and columns. When they are deleted, it closes with a notice, and never
// applies to the line that is then in their place.
import type { DataEditorRef } from "@glideapps/glide-data-grid";
import { type RefObject, useEffect, useRef, useState } from "react";
import { useStore } from "../../base/store.ts";
import { type Area, wholeColumn } from "../../cells/area.ts";
import type { Hold } from "../../live/engine/hold.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { Menu } from "../../ui/Menu.tsx";
import type { GridActions, MenuRequest } from "../actions/page-actions.ts";
import { keepText, notifyLoss } from "../edits/loss-notice.ts";
import type { Selection } from "../selection/use-selection.ts";
import { selectedAreas } from "../selection/use-selection.ts";
import { HeaderEdit } from "./HeaderEdit.tsx";
import { cellMenu, columnMenu } from "./menus.ts";

interface Common {
  sheet: LiveSheet;
  onClose: () => void;
}

/** Holds areas while the component is mounted; closes it when one of them is lost. */
function useHold({ sheet, onClose }: Common, places: () => readonly Area[], text?: () => string) {
  const [hold, setHold] = useState<Hold>();
  const version = useStore(sheet.version);
  const first = useRef({ places, text, onClose });
  first.current = { ...first.current, text, onClose };
  useEffect(() => {
    const taken = sheet.hold(first.current.places());
    setHold(taken);
    return () => taken.release();
  }, [sheet]);
  useEffect(() => {
    void version;
    if (hold?.loss() === undefined) return;
    notifyLoss(sheet, hold, first.current.text?.());
    first.current.onClose();
  }, [sheet, hold, version]);
  return hold;
}

interface GridMenuProps extends Common {
  request: MenuRequest;
  selection: Selection;
  actions: GridActions;
}

export function GridMenu(props: GridMenuProps) {
  const { request, sheet, selection, actions, onClose } = props;
  const { at, col } = request;
  const hold = useHold(props, () =>
    col === undefined ? selectedAreas(sheet, selection) : [wholeColumn(col)],
  );
  if (hold === undefined || hold.loss() !== undefined) return null;
  const now = col === undefined ? undefined : hold.area()?.col;
  const groups =
    now === undefined
      ? cellMenu(sheet, selection, actions)
      : columnMenu(sheet, selection, actions, now);
  const label = col === undefined ? "Cells" : "Column";
  return <Menu at={at} label={label} groups={groups} onClose={onClose} />;
}

interface RenameColumnProps extends Common {
  col: number;
  grid: RefObject<DataEditorRef | null>;
}

export function RenameColumn(props: RenameColumnProps) {
  const { sheet, grid, onClose } = props;
  const { columns } = useStore(sheet.layout);
  const name = columns[props.col]?.name ?? "";
  const [opened] = useState(name);
  const typed = useRef(name);
  const hold = useHold(
    props,
    () => [wholeColumn(props.col)],
    () => (typed.current === opened ? "" : typed.current),
  );
  const col = hold?.area()?.col;
  const bounds = col === undefined ? undefined : grid.current?.getBounds(col, -1);
  if (bounds === undefined) return null;
  const onDone = (next: string) => {
    const now = hold?.area()?.col;
    if (now === undefined) {
      if (hold !== undefined) notifyLoss(sheet, hold, next);
    } else if (!sheet.edit((engine) => engine.updateColumn(now, next))) keepText("", next);
  };
  const onType = (text: string) => {
    typed.current = text;
  };
  return <HeaderEdit {...{ name: opened, bounds, onType, onDone, onClose }} />;
}
