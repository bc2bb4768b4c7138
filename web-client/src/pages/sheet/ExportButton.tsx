// The button that exports a sheet: its cells, or the comments on them, as CSV, or its cells as a file in another format.
import { useState } from "react";
import { errorText } from "../../api/errors.ts";
import { saveFile } from "../../base/save-file.ts";
import { count } from "../../base/text.ts";
import { ExportForm } from "../../gen/gridloom/v1/sheets_pb.ts";
import { Button } from "../../ui/Button.tsx";
import { MenuButton } from "../../ui/Menu.tsx";
import { showToast } from "../../ui/toasts.ts";
import type { Save } from "../file/transfer/SaveDialog.tsx";
import { SavePart } from "../file/transfer/TransferPart.tsx";

type Show = (progress: string) => void;
/** Reads a file of a sheet. */
type Read = (id: string, show: Show) => Promise<Blob>;

function cellsFor(form: ExportForm) {
  return async (id: string, show: Show): Promise<Blob> => {
    const { exportCsv } = await import("../../api/export.ts");
    return exportCsv(id, form, new AbortController().signal, (rows, total) => {
      if (total > 0) show(`Exporting ${Math.floor((rows / total) * 100)} %`);
    });
  };
}

const { PROGRAMS, SPREADSHEETS } = ExportForm;

async function comments(id: string, show: Show): Promise<Blob> {
  const { exportComments } = await import("../comments/export/export-comments.ts");
  return exportComments(id, (done) => show(`Exporting ${count(done)}`));
}

function saveOf(sheetId: string): Save {
  return async (saved, requestId) => {
    const { transfers } = await import("../../api/transfers.ts");
    return (await transfers.saveSheet({ sheetId, saved, requestId })).job;
  };
}

interface ExportProps {
  id: string;
  name: string;
}

export function ExportButton({ id, name }: ExportProps) {
  const [isSaving, setSaving] = useState(false);
  return (
    <>
      <ExportMenu {...{ id, name }} onSave={() => setSaving(true)} />
      {isSaving ? <SaveSheet {...{ id, name }} onClose={() => setSaving(false)} /> : null}
    </>
  );
}

function SaveSheet({ id, name, onClose }: ExportProps & { onClose: () => void }) {
  const [save] = useState(() => saveOf(id));
  return <SavePart {...{ name, save, onClose }} />;
}

function ExportMenu({ id, name, onSave }: ExportProps & { onSave: () => void }) {
  const [progress, setProgress] = useState<string>();
  const file = name === "" ? "sheet" : name;
  const run = async (read: Read, path: string) => {
    setProgress("Exporting…");
    try {
      saveFile(await read(id, setProgress), path);
    } catch (error) {
      showToast("error", errorText(error));
    }
    setProgress(undefined);
  };
  const item = (label: string, testId: string, read: Read, path: string) => ({
    label,
    testId,
    run: () => void run(read, path),
  });
  return (
    <MenuButton
      label="Export"
      groups={[
        [
          item("Cells as CSV", "export-cells", cellsFor(PROGRAMS), `${file}.csv`),
          item("Cells for Excel", "export-sheets", cellsFor(SPREADSHEETS), `${file} for Excel.csv`),
          item("Comments as CSV", "export-comments", comments, `${file} comments.csv`),
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
