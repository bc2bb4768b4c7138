// The begin of a file as it will be read, the choices of how, and the button that begins it.
import { useMutation } from "@connectrpc/connect-query";
import { useState } from "react";
import { reasonOf } from "../../../api/reasons.ts";
import { plural } from "../../../base/text.ts";
import { FileFormat, type Table, TableService } from "../../../gen/gridloom/v1/tables_pb.ts";
import { Button } from "../../../ui/Button.tsx";
import { Select } from "../../../ui/Select.tsx";
import { fileProblem } from "../../files/problems/file-problem.ts";
import { FilePreview } from "../../import/FilePreview.tsx";
import type { How } from "../../import/how.ts";
import type { Remedy } from "../../import/import-problem.ts";
import { Reading } from "../../import/Reading.tsx";
import { jobProblem } from "../../jobs/job-text.ts";
import { useDecimalMark } from "../../shared/use-decimal-mark.ts";
import { ReadFailure } from "./ReadFailure.tsx";
import { RepairChoice } from "./RepairChoice.tsx";
import {
  atWorksheet,
  type Choices,
  fileReading,
  howOf,
  importPreview,
  NO_CHOICES,
  partsOf,
  previewReading,
  withHow,
} from "./reading.ts";
import { type LoadedPreview, useFilePreview } from "./use-file-preview.ts";

interface ReadFormProps {
  fileId: string;
  /** Whether the file has tables. */
  hasTables: boolean;
  /** Why the last attempt to read it has failed. */
  failure: string | undefined;
  onBegun: () => void;
}

const FORMATS: Readonly<Partial<Record<FileFormat, string>>> = {
  [FileFormat.CSV]: "CSV",
  [FileFormat.JSON_LINES]: "JSON",
  [FileFormat.PARQUET]: "Parquet",
  [FileFormat.XLSX]: "Excel workbook",
};

/** Rows of the preview, as many as the server sends. */
const ROWS_SHOWN = 20;

function beginProblem(error: unknown): string {
  return reasonOf(error).name === "TOO_MANY_JOBS" ? jobProblem(error) : fileProblem(error);
}

/** How the file is read by the choices; undefined while it can't be. */
function readingNow({ shown, isTooSlow }: LoadedPreview, choices: Choices) {
  if (shown !== undefined) return fileReading(choices, shown);
  return isTooSlow ? previewReading(choices, FileFormat.UNSPECIFIED) : undefined;
}

export function ReadForm({ fileId, hasTables, failure, onBegun }: ReadFormProps) {
  const [choices, setChoices] = useState(NO_CHOICES);
  const preview = useFilePreview(fileId, choices);
  const { shown, isFormer, problem } = preview;
  const begin = useMutation(TableService.method.readFile, { onSuccess: onBegun });
  const how = howOf(choices);
  const choose = (how: How) => {
    begin.reset();
    setChoices(withHow(choices, how));
  };
  const reading = readingNow(preview, choices);
  const busy = begin.isPending;
  const failed = begin.error === null ? problem?.text : beginProblem(begin.error);
  return (
    <form
      className="stack file-read"
      data-testid="file-read"
      onSubmit={(event) => {
        event.preventDefault();
        if (reading !== undefined) begin.mutate({ fileId, reading });
      }}
    >
      <Head {...preview} failure={failure} />
      {shown === undefined ? null : (
        <Shown
          {...{ shown, how, busy }}
          worksheet={choices.worksheet || (shown.worksheets[0] ?? "")}
          onWorksheet={(name) => setChoices(atWorksheet(choices, name, shown.worksheets[0] ?? ""))}
          onChange={choose}
        />
      )}
      {preview.isBlindCsv ? (
        <Reading {...{ how }} shown={undefined} disabled={busy} onChange={choose} />
      ) : null}
      <RepairChoice {...{ preview, how }} failure={failure} disabled={busy} onChange={choose} />
      <p className="form-error" role="alert" data-testid="file-read-error">
        {failed ?? ""}
      </p>
      <div className="dialog-actions">
        {problem === undefined || preview.isTooSlow ? (
          <Button
            look="primary"
            type="submit"
            data-testid="file-read-start"
            disabled={reading === undefined || isFormer || busy}
          >
            {hasTables || failure !== undefined ? "Read this file again" : "Read this file"}
          </Button>
        ) : (
          <Solve
            remedy={problem.remedy}
            onRemedy={(remedy) => choose(remedy.apply(how))}
            onAgain={preview.reload}
          />
        )}
      </div>
    </form>
  );
}

/** What stands before the preview: why the last attempt has failed, unless the preview has a problem of its own. */
function Head({
  shown,
  problem,
  isTooSlow,
  failure,
}: LoadedPreview & { failure: string | undefined }) {
  if (problem !== undefined && !isTooSlow) return null;
  return (
    <>
      {failure === undefined ? null : <ReadFailure text={failure} />}
      {shown === undefined && problem === undefined ? (
        <span className="spinner" role="status" aria-label="Reading the begin of the file" />
      ) : null}
    </>
  );
}

interface SolveProps {
  remedy: Remedy | undefined;
  onRemedy: (remedy: Remedy) => void;
  onAgain: () => void;
}

/** The choice that solves a problem of the file; without one, the preview is asked for again. */
function Solve({ remedy, onRemedy, onAgain }: SolveProps) {
  if (remedy === undefined)
    return (
      <Button data-testid="file-preview-again" onClick={onAgain}>
        Try again
      </Button>
    );
  return (
    <Button look="primary" data-testid="file-read-repair" onClick={() => onRemedy(remedy)}>
      {remedy.label}
    </Button>
  );
}

interface ShownProps {
  shown: NonNullable<ReturnType<typeof useFilePreview>["shown"]>;
  how: How;
  worksheet: string;
  busy: boolean;
  onWorksheet: (name: string) => void;
  onChange: (how: How) => void;
}

function Shown({ shown, how, worksheet, busy, onWorksheet, onChange }: ShownProps) {
  const decimal = useDecimalMark() ?? ".";
  const preview = importPreview(shown);
  const { worksheets, format, table } = shown;
  return (
    <>
      <p className="file-read-about" data-testid="file-read-about">
        {aboutOf(format, table)}
      </p>
      {worksheets.length < 2 ? null : (
        <Select
          label="Worksheet"
          options={worksheets.map((name) => ({ value: name, label: name }))}
          value={worksheet}
          disabled={busy}
          onChange={onWorksheet}
          hint="Each worksheet becomes a table."
          testId="file-worksheet"
        />
      )}
      <FilePreview
        {...{ decimal, how, onChange }}
        shown={preview}
        most={ROWS_SHOWN}
        disabled={busy}
      />
      <Reading {...{ how, onChange }} shown={preview} parts={partsOf(format)} disabled={busy} />
    </>
  );
}

/** The format and the size, as far as they are known before the file is read. */
function aboutOf(format: FileFormat, table: Table | undefined): string {
  const rows = Number(table?.rows ?? 0n);
  const parts = [
    FORMATS[format] ?? "A format that this page does not know",
    table === undefined ? "" : plural(table.columns.length, "column"),
    rows === 0 ? "" : plural(rows, "row"),
  ];
  return parts.filter(Boolean).join(" · ");
}
