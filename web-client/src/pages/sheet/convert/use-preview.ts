// What a conversion would do. It is asked for again when the choice changes; the former report stays until then.
import { Code } from "@connectrpc/connect";
import { useEffect, useRef, useState } from "react";
import { errorText, hasCode } from "../../../api/errors.ts";
import type { ConvertColumnResponse } from "../../../gen/gridloom/v1/conversion_pb.ts";
import type { LiveSheet } from "../../../live/live-sheet.ts";
import { type Conversion, preview } from "./call.ts";
import { isTrivial } from "./report.ts";

interface Preview {
  loading: boolean;
  report?: ConvertColumnResponse | undefined;
  /** Why there is no report. */
  why?: string | undefined;
}

const UNSAVED = "Your last edits are not saved yet. Try again when they are.";

/** The state after an answer; undefined where there is nothing to decide, or an earlier server can't convert. */
async function look(
  sheet: LiveSheet,
  conversion: Conversion,
  signal: AbortSignal,
): Promise<Preview | undefined> {
  if (!(await sheet.saved())) return { loading: false, why: UNSAVED };
  try {
    const report = await preview(conversion, signal);
    return isTrivial(report) ? undefined : { loading: false, report };
  } catch (error) {
    const isUnknown = hasCode(error, Code.Unimplemented);
    return isUnknown ? undefined : { loading: false, why: errorText(error) };
  }
}

/** `onNothing`: there is nothing to decide, or an earlier server can't convert. */
export function usePreview(sheet: LiveSheet, conversion: Conversion, onNothing: () => void) {
  const [shown, setShown] = useState<Preview>({ loading: true });
  const [attempt, setAttempt] = useState(0);
  const latest = useRef({ conversion, onNothing });
  latest.current = { conversion, onNothing };
  const { dropTimes } = conversion;
  useEffect(() => {
    void attempt;
    const leaving = new AbortController();
    setShown(({ report }) => ({ loading: true, report }));
    const asked = { ...latest.current.conversion, dropTimes };
    void look(sheet, asked, leaving.signal).then((next) => {
      if (leaving.signal.aborted) return;
      if (next === undefined) latest.current.onNothing();
      else setShown(next);
    });
    return () => leaving.abort();
  }, [sheet, dropTimes, attempt]);
  return { ...shown, again: () => setAttempt((now) => now + 1) };
}
