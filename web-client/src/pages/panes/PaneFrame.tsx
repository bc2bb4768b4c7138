// What a pane has besides its sheet when there are several: the divider at its left, and the buttons that close and
// swap it.
import { useEffect, useRef } from "react";
import { useStore } from "../../base/store.ts";
import { IconButton } from "../../ui/Button.tsx";
import { MenuButton } from "../../ui/Menu.tsx";
import { goBeside, hasRoom, leavePane, swapPanes } from "./go.ts";
import type { Panes, SheetPane } from "./use-panes.ts";
import { Divider } from "./widths/Divider.tsx";
import { useShares } from "./widths/use-shares.ts";
import "../../styles/panes.css";

interface FrameProps {
  pane: SheetPane;
  panes: Panes;
}

export default function PaneFrame({ pane, panes }: FrameProps) {
  const at = panes.shown.indexOf(pane);
  const widths = useShares(panes.shown.length);
  const left = useName(panes.shown[at - 1] ?? pane);
  return (
    <>
      {at > 0 ? <Divider {...{ at, widths }} label={`Width of ${left}`} /> : null}
      <PaneTools {...{ pane, panes, at }} />
    </>
  );
}

/** The name of a pane's sheet, for labels. */
function useName(pane: SheetPane): string {
  return useStore(pane.name) || "this sheet";
}

function PaneTools({ pane, panes, at }: FrameProps & { at: number }) {
  const name = useName(pane);
  const tools = useRef<HTMLDivElement>(null);
  // One sheet alone is the whole page; several are regions with names.
  useEffect(() => {
    const region = tools.current?.closest(".pane");
    region?.setAttribute("aria-label", name);
    return () => region?.removeAttribute("aria-label");
  }, [name]);
  const last = panes.shown.length - 1;
  const items = [
    {
      label: "Move left",
      testId: "pane-left",
      disabled: at === 0,
      run: () => swapPanes(panes, at - 1),
    },
    {
      label: "Move right",
      testId: "pane-right",
      disabled: at === last,
      run: () => swapPanes(panes, at),
    },
    {
      label: "Open once more beside",
      testId: "pane-again",
      disabled: !hasRoom(panes),
      run: () => goBeside(panes, pane.id),
    },
  ];
  return (
    <div className="pane-tools" ref={tools}>
      <MenuButton
        label={`Pane of ${name}`}
        groups={[items]}
        button={
          <IconButton icon="dots" label={`More for the pane of ${name}`} data-testid="pane-more" />
        }
      />
      <IconButton
        icon="x"
        label={`Close the pane of ${name}`}
        data-testid="pane-close"
        onClick={() => leavePane(panes, at)}
      />
    </div>
  );
}
