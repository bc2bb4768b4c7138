// The button that exports a sheet: its cells, or the comments on them, as CSV, or its cells as a file in another format.
import { type ReactNode, useState } from "react";
import { errorText } from "../../api/errors.ts";
import { saveFile } from "../../base/save-file.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { MenuButton } from "../../ui/Menu.tsx";
import { LazyPart, Part } from "../../ui/Part.tsx";
import { showToast } from "../../ui/toasts.ts";
import type { Exported } from "./export/read.ts";

const SaveSheet = new LazyPart(() => import("./export/SaveSheet.tsx"));

interface ExportProps {
  id: string;
  name: string;
}

export function ExportButton({ id, name }: ExportProps) {
  const [isSaving, setSaving] = useState(false);
  const onClose = () => setSaving(false);
  const frame = (content: ReactNode) => (
    <Dialog title="Save as a file" onClose={onClose} testId="save-part">
      {content}
    </Dialog>
  );
  return (
    <>
      <ExportMenu {...{ id, name }} onSave={() => setSaving(true)} />
      {isSaving ? <Part part={SaveSheet} given={{ id, name, onClose }} frame={frame} /> : null}
    </>
  );
}

function ExportMenu({ id, name, onSave }: ExportProps & { onSave: () => void }) {
  const [progress, setProgress] = useState<string>();
  const file = name === "" ? "sheet" : name;
  const run = async (what: Exported, path: string) => {
    setProgress("Exporting…");
    try {
      const { read } = await import("./export/read.ts");
      saveFile(await read(what, id, setProgress), path);
    } catch (error) {
      showToast("error", errorText(error));
    }
    setProgress(undefined);
  };
  const item = (label: string, what: Exported, path: string) => ({
    label,
    testId: `export-${what}`,
    run: () => void run(what, path),
  });
  return (
    <MenuButton
      label="Export"
      groups={[
        [
          item("Cells as CSV", "cells", `${file}.csv`),
          item("Cells for Excel", "sheets", `${file} for Excel.csv`),
          item("Comments as CSV", "comments", `${file} comments.csv`),
          item("Comments for Excel", "comments-sheets", `${file} comments for Excel.csv`),
        ],
        [{ label: "Save as a file…", testId: "export-save", run: onSave }],
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
