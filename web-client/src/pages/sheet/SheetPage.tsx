// The page of one sheet: the workspace when it is open, otherwise a message in its place.
import { askToSignIn } from "../../api/session.ts";
import { useStore } from "../../base/store.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { PartFailed } from "../../ui/Part.tsx";
import { EmptySheet } from "./EmptySheet.tsx";
import { RefusedBanner } from "./RefusedBanner.tsx";
import { SheetMissing } from "./SheetMissing.tsx";
import { SheetWorkspace } from "./SheetWorkspace.tsx";
import { useLiveSheet } from "./use-live-sheet.ts";

export default function SheetPage({ id }: { id: string }) {
  const { opening, again } = useLiveSheet(id);
  if (opening.state === "open") return <OpenSheet id={id} sheet={opening.sheet} />;
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
  const onRetry = phase.end === "signed-out" ? askToSignIn : sheet.retryNow;
  return (
    <>
      <RefusedBanner sheet={sheet} />
      <SheetMissing {...{ id, onRetry }} end={phase.end} reason={phase.reason} />
    </>
  );
}
