// The unary call that undoes or redoes what was done last in this tab.

import { errorText, isTransient } from "../../api/errors.ts";
import { reasonOf } from "../../api/reasons.ts";
import { sheets } from "../../api/transport.ts";
import { plural } from "../../base/text.ts";
import { type UndoReport, WaitFor } from "../../gen/gridloom/v1/sheets_pb.ts";
import type { Answer, Step } from "./undo-queue.ts";

/** Undoes what was done last at a place, or redoes what was undone last; a repeated `requestId` does it once. */
export async function requestStep(
  sheetId: string,
  step: Step,
  requestId: string,
  place: bigint,
): Promise<Answer> {
  const change =
    step === "undo" ? { case: "undo" as const, value: {} } : { case: "redo" as const, value: {} };
  try {
    const waitFor = WaitFor.ACCEPTED;
    const { undo } = await sheets.applyEdits({ sheetId, requestId, change, waitFor, place });
    return { kind: "done", text: undo && reportText(undo, step) };
  } catch (error) {
    const kind = isTransient(error) ? "retry" : "refused";
    return { kind: hasMore(error) ? "further" : kind, text: refusal(error, step) };
  }
}

/** Whether there are older changes than those that this call could not take back. */
function hasMore(error: unknown): boolean {
  return reasonOf(error).facts.get("more") === "true";
}

/** What was not done; undefined when that is nothing. */
export function reportText(report: UndoReport, step: Step): string | undefined {
  const { cellsLeftOut, passedOver, more } = report;
  const parts: string[] = [];
  const [last, ...others] = passedOver;
  if (last !== undefined) {
    const and = others.length === 0 ? "" : ` So can't ${plural(others.length, "other change")}.`;
    parts.push(`A later change can't be ${done(step)}: ${last.why}.${and}`);
  }
  if (cellsLeftOut > 0)
    parts.push(`${plural(cellsLeftOut, "cell")} can't be set: what held them has gone or changed.`);
  if (more) parts.push(`This was only a part: ${step} again for the rest.`);
  return parts.length === 0 ? undefined : parts.join(" ");
}

function done(step: Step): string {
  return step === "undo" ? "undone" : "redone";
}

function refusal(error: unknown, step: Step): string {
  const { name, facts } = reasonOf(error);
  if (name !== "NOTHING_TO_UNDO" && name !== "NOTHING_TO_REDO") return errorText(error);
  const why = facts.get("why");
  return why === undefined
    ? `Nothing to ${step} in this tab.`
    : `Nothing to ${step}: your last change can't be ${done(step)} now, because ${why}.`;
}
