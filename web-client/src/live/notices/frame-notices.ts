// The notices for one frame of the server: refused edits, lost edits, overwritten cells.
import { fromBinary } from "@bufbuild/protobuf";
import { refusalText } from "../../api/errors.ts";
import { AcceptedSchema } from "../../gen/gridloom/v1/live_pb.ts";
import type { Heard } from "../engine/engine.ts";
import { conflictNotice } from "./conflicts.ts";
import type { Notice } from "./notice.ts";
import { offerBack, type Sheet } from "./put-back.ts";

export function frameNotices(heard: Heard, sheet: Sheet, notify: (notice: Notice) => void): void {
  for (const text of heard.refused)
    notify({ look: "error", text: `Not saved. ${refusalText(text)}` });
  if (heard.lost > 0)
    notify({
      look: "error",
      text: `The sheet was loaded again, and ${heard.lost} of your edits could not be kept.`,
    });
  if (heard.conflictsLeftOut > 0)
    notify({
      look: "info",
      text: `${heard.conflictsLeftOut} more of your cells were overwritten by others.`,
    });
  const notice = conflictNotice(fromBinary(AcceptedSchema, heard.conflicts).conflicts);
  if (notice === undefined) return;
  notify({ look: "info", text: notice.text, ...offerBack(sheet, notice.cells, notify) });
}
