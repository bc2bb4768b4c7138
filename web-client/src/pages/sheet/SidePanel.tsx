// The panel at the right of a sheet, with tabs.
//
// Invariant: each tab loads alone. One that fails leaves the others.
import type { ReactNode } from "react";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { IconButton } from "../../ui/Button.tsx";
import { FocusHome, useFocusReturn } from "../../ui/overlay/focus.ts";
import { LazyPart, Part } from "../../ui/Part.tsx";
import { Tabs } from "../../ui/Tabs.tsx";
import type { PanelTab } from "./panel/panel-address.ts";
import type { Panel } from "./panel/use-panel.ts";

const History = new LazyPart(() => import("../history/HistoryPanel.tsx"));

// The tabs load with the panel, so that they also open while the server is unavailable.
for (const part of [History]) part.preload();

/** A tab while it loads, or when it can't be loaded. */
function waiting(content: ReactNode) {
  return <div className="drawer-note">{content}</div>;
}

interface SidePanelProps {
  id: string;
  sheet: LiveSheet;
  panel: Panel;
}

export default function SidePanel({ id, sheet, panel }: SidePanelProps) {
  // A dialog that a tab opens returns the focus to the tab; the panel returns it to the grid.
  useFocusReturn();
  const tabs = [
    {
      name: "history",
      label: "History",
      content: <Part part={History} given={{ id, sheet }} frame={waiting} />,
    },
  ];
  return (
    <FocusHome value={null}>
      <aside className="drawer" aria-label="Side panel" data-testid="panel">
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
      </aside>
    </FocusHome>
  );
}
