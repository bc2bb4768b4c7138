// A link to a sheet or a cell, by its name. It leads there, within this page where the sheet is open.
import { createContext, type MouseEvent, useContext } from "react";
import { navigate } from "../../../base/router.ts";
import type { CellLink } from "../../../gen/gridloom/v1/chat_pb.ts";
import { Icon } from "../../../ui/Icon.tsx";
import { Link } from "../../../ui/Link.tsx";
import { useNarrow } from "../../../ui/narrow.ts";
import { leadWithin } from "../../panes/lead/lead.ts";
import { linkText, type SheetLink } from "./sheet-link.ts";
import { useSheetLink } from "./use-sheet-link.ts";

export type OpenCell = (link: Pick<CellLink, "sheetId" | "rowId" | "columnId">) => void;

/** Leads to a cell, where the page around a conversation has a way of its own. */
export const OpenCellContext = createContext<OpenCell | undefined>(undefined);

export function SheetChip({ link }: { link: SheetLink }) {
  const found = useSheetLink(link);
  const openCell = useContext(OpenCellContext);
  const narrow = useNarrow();
  const { sheetId, cell, path } = link;
  const onClick = (event: MouseEvent) => {
    const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (!isPlain) return;
    if (cell === undefined || openCell === undefined) {
      if (leadWithin(path)) event.preventDefault();
      return;
    }
    event.preventDefault();
    // On a phone the panel covers the sheet: the path of the cell is without it.
    if (narrow) navigate(path);
    openCell({ sheetId, ...cell });
  };
  return (
    <Link
      className={found.isClosed ? "sheet-chip closed" : "sheet-chip"}
      to={path}
      data-testid="sheet-chip"
      onClick={onClick}
    >
      <Icon name="grid" size={14} />
      <span>{linkText(link, found)}</span>
    </Link>
  );
}
