// Restores the engine of a sheet from a draft.
import { Engine } from "../engine/engine.ts";
import type { Notice } from "../notices/notice.ts";
import type { Draft } from "./drafts.ts";

/** The engine with the edits of a draft. A draft that can't be read gives a new engine and a notice. */
export function engineFor(id: string, { kept }: Draft, notify: (notice: Notice) => void): Engine {
  if (kept === undefined) return new Engine(id);
  try {
    return Engine.restore(kept);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    notify({ look: "error", text: `Edits that were not saved could not be read again: ${why}.` });
    return new Engine(id);
  }
}
