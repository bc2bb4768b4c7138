// The unary call that undoes or redoes the account's last change.
import { errorText, isTransient } from "../../api/errors.ts";
import { sheets } from "../../api/transport.ts";
import { WaitFor } from "../../gen/gridloom/v1/sheets_pb.ts";
import type { Answer, Step } from "./undo-queue.ts";

/** Undoes the account's last change, or redoes the last undo; a repeated `requestId` does it once. */
export async function requestStep(sheetId: string, step: Step, requestId: string): Promise<Answer> {
  const change =
    step === "undo" ? { case: "undo" as const, value: {} } : { case: "redo" as const, value: {} };
  try {
    await sheets.applyEdits({ sheetId, requestId, change, waitFor: WaitFor.ACCEPTED });
    return { kind: "done" };
  } catch (error) {
    return { kind: isTransient(error) ? "retry" : "refused", text: errorText(error) };
  }
}
