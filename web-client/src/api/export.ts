// Export of a sheet as a CSV file, in pieces.
import { Code, ConnectError } from "@connectrpc/connect";
import { ExportForm } from "../gen/gridloom/v1/sheets_pb.ts";
import { accounts, sheets } from "./transport.ts";

/** Throws where the server would send the form for programs, whatever the form: it is of an earlier release. */
async function checkForm(form: ExportForm, signal: AbortSignal): Promise<void> {
  if (form !== ExportForm.SPREADSHEETS) return;
  const { limits } = await accounts.whoAmI({ usage: true }, { signal });
  if (limits?.exportForms !== true) throw new ConnectError("", Code.Unimplemented);
}

/** Exports the whole sheet as CSV in a form. */
export async function exportCsv(
  sheetId: string,
  form: ExportForm,
  signal: AbortSignal,
  onProgress: (rows: number, total: number) => void,
): Promise<Blob> {
  await checkForm(form, signal);
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let total = 0;
  for await (const piece of sheets.exportSheet({ sheetId, form }, { signal })) {
    if (piece.totalRows > 0n) total = Number(piece.totalRows);
    pieces.push(new Uint8Array(piece.data));
    onProgress(Number(piece.rowsSent), total);
  }
  return new Blob(pieces, { type: "text/csv;charset=utf-8" });
}
