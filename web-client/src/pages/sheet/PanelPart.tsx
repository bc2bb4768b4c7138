// The place of the side panel. The panel loads separately: many people never open it.
import { type ComponentProps, type ReactNode, useEffect } from "react";
import { IconButton } from "../../ui/Button.tsx";
import { isInCover } from "../../ui/overlay/focus.ts";
import { LazyPart, Part, usePreload } from "../../ui/Part.tsx";
import { isActive, usePane } from "../../ui/panes/pane.ts";
import type SidePanel from "./SidePanel.tsx";

const Side = new LazyPart(() => import("./SidePanel.tsx"));

type PanelProps = ComponentProps<typeof SidePanel>;

/** Escape closes the panel, unless an editor, a menu or a dialog has used the key. */
function useEscape(shown: boolean, onClose: () => void): void {
  const pane = usePane();
  useEffect(() => {
    if (!shown) return undefined;
    const onKeyDown = (event: KeyboardEvent) => {
      const other = event.defaultPrevented || isInCover(event);
      if (event.key === "Escape" && !other && isActive(pane)) onClose();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [shown, onClose, pane]);
}

export function PanelPart(given: PanelProps) {
  const { tab, close } = given.panel;
  usePreload(Side.preload);
  useEscape(tab !== undefined, close);
  if (tab === undefined) return null;
  /** The panel while it loads, or when it can't be loaded. */
  const frame = (content: ReactNode) => (
    <section className="drawer" aria-label="Side panel">
      <div className="drawer-note">{content}</div>
      <IconButton icon="x" label="Close" className="drawer-close" onClick={close} />
    </section>
  );
  return <Part part={Side} given={given} frame={frame} />;
}
