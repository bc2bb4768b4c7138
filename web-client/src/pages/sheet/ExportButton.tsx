// The button that exports a sheet: its cells, or the comments on them, as CSV.
import { useState } from "react";
import { errorText } from "../../api/errors.ts";
import { exportCsv, saveFile } from "../../api/transfer.ts";
import { count } from "../../base/text.ts";
import { Button } from "../../ui/Button.tsx";
import { MenuButton } from "../../ui/Menu.tsx";
import { showToast } from "../../ui/toasts.ts";

type Show = (progress: string) => void;

function cells(id: string, show: Show): Promise<Blob> {
  return exportCsv(id, new AbortController().signal, (rows, total) => {
    if (total > 0) show(`Exporting ${Math.floor((rows / total) * 100)} %`);
  });
}

async function comments(id: string, show: Show): Promise<Blob> {
  const { exportComments } = await import("../comments/export/export-comments.ts");
  return exportComments(id, (done) => show(`Exporting ${count(done)}`));
}

export function ExportButton({ id, name }: { id: string; name: string }) {
  const [progress, setProgress] = useState<string>();
  const file = name === "" ? "sheet" : name;
  const run = async (read: typeof cells, path: string) => {
    setProgress("Exporting…");
    try {
      saveFile(await read(id, setProgress), path);
    } catch (error) {
      showToast("error", errorText(error));
    }
    setProgress(undefined);
  };
  const item = (label: string, testId: string, read: typeof cells, path: string) => ({
    label,
    testId,
    run: () => void run(read, path),
  });
  return (
    <MenuButton
      label="Export"
      groups={[
        [
          item("Cells as CSV", "export-cells", cells, `${file}.csv`),
          item("Comments as CSV", "export-comments", comments, `${file} comments.csv`),
        ],
      ]}
      button={
        <Button
          look="quiet"
          icon="download"
          disabled={progress !== undefined}
          data-testid="export"
          aria-label="Export"
          title="Export"
        >
          <span className="label">{progress ?? "Export"}</span>
        </Button>
      }
    />
  );
}
