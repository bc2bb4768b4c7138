// Converts a column's values, and notices with an undo when that is done.
//
// Invariant: a conversion that is under way ends with the dialog, and a notice reports that.
import { useEffect, useRef, useState } from "react";
import { errorText, isCanceled } from "../../../api/errors.ts";
import { newId } from "../../../base/ids.ts";
import type { ConvertColumnResponse } from "../../../gen/gridloom/v1/conversion_pb.ts";
import type { LiveSheet } from "../../../live/live-sheet.ts";
import { showToast } from "../../../ui/toasts.ts";
import { showUndoable } from "../../shared/undo-notice.ts";
import { type Conversion, convert } from "./call.ts";
import { stoppedText, summary } from "./report.ts";

function notifyDone(
  sheet: LiveSheet,
  what: { title: string; kind: Conversion["kind"]; steps: number },
  report: ConvertColumnResponse,
): void {
  const stopped = stoppedText(report);
  const early = stopped === undefined ? "" : ` The conversion has ended early. ${stopped}`;
  const text = `“${what.title}”: ${summary(report, what.kind, true)}${early}`;
  const look = stopped === undefined ? "info" : "error";
  if (report.edits > 0) showUndoable(sheet, look, text, what.steps);
  else showToast(look, text);
}

export function useConvert(sheet: LiveSheet, title: string, onDone: () => void) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const [requestId] = useState(newId);
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  const run = async (conversion: Conversion): Promise<void> => {
    const leaving = new AbortController();
    running.current = leaving;
    setBusy(true);
    setFailure(undefined);
    try {
      const place = sheet.beginStep();
      const what = { title, kind: conversion.kind, steps: sheet.steps() };
      notifyDone(sheet, what, await convert(conversion, { requestId, place }, leaving.signal));
      onDone();
    } catch (error) {
      const ended = `“${title}”: the conversion was ended. What it has done can be undone.`;
      if (isCanceled(error)) showToast("info", ended);
      else setFailure(errorText(error));
      setBusy(false);
    }
  };
  return { busy, failure, run };
}
