// The banner over a sheet with what this person typed and the server refused, also on earlier pages. A message gives the
// reason of each refusal.
import { useStore } from "../../base/store.ts";
import { plural } from "../../base/text.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { Button } from "../../ui/Button.tsx";
import { CopyEdits } from "./CopyEdits.tsx";

export function RefusedBanner({ sheet }: { sheet: LiveSheet }) {
  const { refused } = sheet;
  const cells = useStore(refused.cells);
  if (cells.length === 0) return null;
  return (
    <div className="banner" role="alert" data-testid="refused-banner">
      <p>
        {plural(cells.length, "cell")} could not be saved. This browser keeps what you typed until
        you copy or dismiss it.
      </p>
      <div className="banner-actions">
        <CopyEdits
          key={cells.length}
          read={() => cells}
          testId="copy-refused"
          onCopied={() => refused.copied()}
        />
        <Button data-testid="dismiss-refused" onClick={() => refused.dismiss()}>
          Dismiss
        </Button>
      </div>
    </div>
  );
}
