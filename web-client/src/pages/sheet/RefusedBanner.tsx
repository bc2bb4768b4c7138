// The banner over a sheet with what this person typed and the server refused, also on earlier pages. A message gives the
// reason of each refusal.
import { useStore } from "../../base/store.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { refusedText } from "../../live/notices/refused-edits.ts";
import { Button } from "../../ui/Button.tsx";
import { CopyEdits } from "./CopyEdits.tsx";

export function RefusedBanner({ sheet }: { sheet: LiveSheet }) {
  const { refused } = sheet;
  const kept = useStore(refused.kept);
  if (kept.cells + kept.leftOut === 0) return null;
  // Further edits may be refused while the browser copies these.
  const read = () => {
    const ids = refused.ids();
    return { cells: refused.list(), onCopied: () => refused.copied(ids) };
  };
  return (
    <div className="banner" role="alert" data-testid="refused-banner">
      <p>{refusedText(kept)}</p>
      <div className="banner-actions">
        {kept.cells > 0 ? <CopyEdits key={kept.cells} read={read} testId="copy-refused" /> : null}
        <Button data-testid="dismiss-refused" onClick={() => refused.dismiss()}>
          Dismiss
        </Button>
      </div>
    </div>
  );
}
