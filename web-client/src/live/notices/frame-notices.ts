// The notices for one frame of the server: refused edits, lost edits, overwritten cells.
import { fromBinary } from "@bufbuild/protobuf";
import { refusalText } from "../../api/errors.ts";
import { AcceptedSchema } from "../../gen/gridloom/v1/live_pb.ts";
import type { FrameSummary } from "../engine/engine.ts";
import { conflictNotice } from "./conflicts.ts";
import type { Notice } from "./notice.ts";
import { offerRestore, type Sheet } from "./restore-offer.ts";

/** `by`: gives the name of the person whose changes the frame has; undefined where it is not known. */
export function frameNotices(
  summary: FrameSummary,
  by: () => string | undefined,
  sheet: Sheet,
  notify: (notice: Notice) => void,
): void {
  for (const text of summary.refused)
    notify({ look: "error", text: `Not saved. ${refusalText(text)}` });
  if (summary.lost > 0)
    notify({
      look: "error",
      text: `The sheet was loaded again, and ${summary.lost} of your edits could not be kept.`,
    });
  if (summary.conflictsLeftOut > 0)
    notify({
      look: "info",
      text: `${summary.conflictsLeftOut} more of your cells ${summary.conflictsLeftOut === 1 ? "was" : "were"} overwritten by others.`,
    });
  const { conflicts } = fromBinary(AcceptedSchema, summary.conflicts);
  if (conflicts.length === 0) return;
  const notice = conflictNotice(conflicts, by());
  if (notice === undefined) return;
  notify({ look: "info", text: notice.text, ...offerRestore(sheet, notice.cells, notify) });
}
