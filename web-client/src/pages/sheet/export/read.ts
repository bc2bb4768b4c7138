// Reads a sheet, or the comments on it, as a CSV file.
//
// What it is not: a part of the first page. It loads with the first export.
import { exportCsv } from "../../../api/export.ts";
import { count } from "../../../base/text.ts";
import { ExportForm } from "../../../gen/gridloom/v1/sheets_pb.ts";
import { exportComments } from "../../comments/export/export-comments.ts";

/** What is exported: the cells or the comments, for programs or for spreadsheets. */
export type Exported = "cells" | "sheets" | "comments" | "comments-sheets";

/** `show`: takes the progress as a text. */
export function read(what: Exported, id: string, show: (progress: string) => void): Promise<Blob> {
  if (what === "comments" || what === "comments-sheets")
    return exportComments(id, what === "comments-sheets", (done) =>
      show(`Exporting ${count(done)}`),
    );
  const form = what === "cells" ? ExportForm.PROGRAMS : ExportForm.SPREADSHEETS;
  return exportCsv(id, form, new AbortController().signal, (rows, total) => {
    if (total > 0) show(`Exporting ${Math.floor((rows / total) * 100)} %`);
  });
}
