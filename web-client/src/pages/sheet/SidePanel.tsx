// The panel at the right of a sheet, with tabs.
//
// Invariant: each tab loads alone. One that fails leaves the others.
import type { Item } from "@glideapps/glide-data-grid";
import type { ReactNode } from "react";
import { useStore } from "../../base/store.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { IconButton } from "../../ui/Button.tsx";
import { FocusHome, useFocusReturn } from "../../ui/overlay/focus.ts";
import { LazyPart, Part } from "../../ui/Part.tsx";
import { Tabs } from "../../ui/Tabs.tsx";
import type { Begun } from "../comments/CommentsPanel.tsx";
import { cellName } from "../comments/cell-name.ts";
import { mayComment } from "../shared/roles.ts";
import { cellAddress } from "./panel/copy-link.ts";
import type { PanelTab } from "./panel/panel-address.ts";
import type { CellTarget } from "./panel/use-open-cell.ts";
import type { Panel } from "./panel/use-panel.ts";

const Chat = new LazyPart(() => import("../conversation/SheetChat.tsx"));
const Comments = new LazyPart(() => import("../comments/CommentsPanel.tsx"));
const History = new LazyPart(() => import("../history/HistoryPanel.tsx"));

// The tabs load with the panel, so that they also open while the server is unavailable.
for (const part of [History, Chat, Comments]) part.preload();

/** A tab while it loads, or when it can't be loaded. */
function waiting(content: ReactNode) {
  return <div className="drawer-note">{content}</div>;
}

interface SidePanelProps {
  id: string;
  sheet: LiveSheet;
  panel: Panel;
  /** The cell of the cursor. */
  cursor: Item;
  /** The comment that the person begins. */
  begun: Begun;
  openCell: (cell: CellTarget) => void;
}

export default function SidePanel(props: SidePanelProps) {
  const { id, sheet, panel, cursor, begun, openCell } = props;
  const layout = useStore(sheet.layout);
  const canWrite = mayComment(layout.role);
  const [col, row] = cursor;
  const selected = {
    name: cellName(layout, { row, col }),
    address: () => cellAddress(id, sheet, cursor),
  };
  // A dialog that a tab opens returns the focus to the tab; the panel returns it to the grid.
  useFocusReturn();
  const tabs = [
    {
      name: "history",
      label: "History",
      content: <Part part={History} given={{ id, sheet }} frame={waiting} />,
    },
    {
      name: "chat",
      label: "Chat",
      content: (
        <Part part={Chat} given={{ sheetId: id, canWrite, openCell, selected }} frame={waiting} />
      ),
    },
    {
      name: "comments",
      label: "Comments",
      content: (
        <Part
          part={Comments}
          given={{
            ...{ id, sheet, cursor, begun, openCell },
            comment: panel.comment,
            open: (comment?: string) => panel.open("comments", comment),
          }}
          frame={waiting}
        />
      ),
    },
  ];
  return (
    <FocusHome value={null}>
      <section className="drawer" aria-label="Side panel" data-testid="panel">
        <Tabs
          label="Side panel"
          tabs={tabs}
          value={panel.tab ?? "history"}
          onChange={(name) => panel.open(name as PanelTab)}
        />
        <IconButton
          icon="x"
          label="Close"
          className="drawer-close"
          data-testid="panel-close"
          onClick={panel.close}
        />
      </section>
    </FocusHome>
  );
}
