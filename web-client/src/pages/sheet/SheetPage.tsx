// The page of sheets: one, or several side by side, below the tabs of those opened lately.
import { type ReactNode, useEffect } from "react";
import { askToSignIn, session } from "../../api/session.ts";
import { useStore } from "../../base/store.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { LazyPart, Part, PartFailed } from "../../ui/Part.tsx";
import { Main } from "../../ui/panes/Main.tsx";
import { PaneContext } from "../../ui/panes/pane.ts";
import { hasTabs } from "../panes/tabs-item.ts";
import { type Panes, type SheetPane, usePanes } from "../panes/use-panes.ts";
import { EmptySheet } from "./EmptySheet.tsx";
import { RefusedBanner } from "./RefusedBanner.tsx";
import { SheetWorkspace } from "./SheetWorkspace.tsx";
import { useLiveSheet } from "./use-live-sheet.ts";

const SheetTabs = new LazyPart(() => import("../panes/SheetTabs.tsx"));
const PaneFrame = new LazyPart(() => import("../panes/PaneFrame.tsx"));
const SheetMissing = new LazyPart(() => import("./SheetMissing.tsx"));

/** Keeps the place of the tabs free while they load. */
function tabsFrame(content: ReactNode) {
  return hasTabs(session.get()?.accountId ?? "") ? (
    <div className="sheet-tabs">{content}</div>
  ) : null;
}

function emptyFrame(content: ReactNode) {
  return <EmptySheet>{content}</EmptySheet>;
}

function toolsFrame(content: ReactNode) {
  return <div className="pane-tools">{content}</div>;
}

export default function SheetPage({ id }: { id: string }) {
  const panes = usePanes(id);
  const { shown } = panes;
  return (
    <div className="sheets">
      <Part part={SheetTabs} given={panes} frame={tabsFrame} />
      <Main className={shown.length > 1 ? "panes many" : "panes"}>
        {shown.map((pane) => (
          <PaneBox key={pane.key} {...{ pane, panes }} />
        ))}
      </Main>
    </div>
  );
}

/** What has the focus, or is pressed, makes its pane the active one; also a menu or a dialog of the pane. */
function PaneBox({ pane, panes }: { pane: SheetPane; panes: Panes }) {
  const { key, active, id } = pane;
  const activate = () => active.set(key);
  return (
    <section
      className="pane"
      data-testid="pane"
      data-sheet={id}
      data-active={useStore(active) === key}
      onFocusCapture={activate}
      onPointerDownCapture={activate}
    >
      <PaneContext value={pane}>
        {panes.shown.length > 1 ? (
          <Part part={PaneFrame} given={{ pane, panes }} frame={toolsFrame} />
        ) : null}
        <OneSheet pane={pane} />
      </PaneContext>
    </section>
  );
}

function OneSheet({ pane }: { pane: SheetPane }) {
  const { opening, again } = useLiveSheet(pane.id);
  const sheet = opening.state === "open" ? opening.sheet : undefined;
  useEffect(() => pane.sheet.set(sheet), [pane, sheet]);
  if (sheet !== undefined) return <OpenSheet id={pane.id} sheet={sheet} />;
  return (
    <EmptySheet>
      {opening.state === "failed" ? (
        <PartFailed onRetry={again} />
      ) : (
        <span className="spinner" role="status" aria-label="Opening the sheet" />
      )}
    </EmptySheet>
  );
}

function OpenSheet({ id, sheet }: { id: string; sheet: LiveSheet }) {
  const { known } = useStore(sheet.layout);
  const { phase } = useStore(sheet.status);
  if (phase.kind !== "closed" || known) return <SheetWorkspace id={id} sheet={sheet} />;
  const { end, reason } = phase;
  const onRetry = end === "signed-out" ? askToSignIn : sheet.retryNow;
  return (
    <>
      <RefusedBanner sheet={sheet} />
      <Part part={SheetMissing} given={{ id, end, reason, onRetry }} frame={emptyFrame} />
    </>
  );
}
