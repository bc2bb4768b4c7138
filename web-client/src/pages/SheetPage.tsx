// One sheet: bar, grid, foot, and what opens over them.
import { useEffect } from "react";
import { navigate } from "../app/router.ts";
import { useStore } from "../app/store.ts";
import type { LiveSheet } from "../live/live-sheet.ts";
import { Button } from "../ui/Button.tsx";
import { SheetWorkspace } from "./SheetWorkspace.tsx";
import { useLiveSheet } from "./use-live-sheet.ts";

export default function SheetPage({ id }: { id: string }) {
  const opening = useLiveSheet(id);
  if (opening.state === "open") return <OpenSheet id={id} sheet={opening.sheet} />;
  return (
    <div className="sheet-page">
      <header className="bar" />
      <main className="grid-area">
        {opening.state === "failed" ? <Failure reason={opening.reason} /> : null}
      </main>
      <footer className="foot" />
    </div>
  );
}

function OpenSheet({ id, sheet }: { id: string; sheet: LiveSheet }) {
  const { known, name } = useStore(sheet.layout);
  const { phase } = useStore(sheet.status);
  useEffect(() => {
    document.title = name === "" ? "Gridloom" : `${name} · Gridloom`;
  }, [name]);
  if (phase.kind === "closed" && !known)
    return (
      <div className="sheet-page">
        <header className="bar" />
        <main className="grid-area">
          <Failure reason={phase.reason} />
        </main>
        <footer className="foot" />
      </div>
    );
  return <SheetWorkspace id={id} sheet={sheet} />;
}

function Failure({ reason }: { reason: string }) {
  return (
    <div className="cover" role="alert" data-testid="sheet-failure">
      <h2>This sheet can't be opened</h2>
      <p>{reason}</p>
      <Button look="primary" onClick={() => navigate("/")}>
        To your sheets
      </Button>
    </div>
  );
}
