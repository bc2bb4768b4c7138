// Restores the engine of a sheet from a draft.
import { Engine } from "../engine/engine.ts";
import type { Notice } from "../notices/notice.ts";
import type { Restore } from "./drafts.ts";

/** Restores engines in the tab of this place. The first failure of each draft is a notice: the draft is searched for again and again. */
export function restorer(notify: (notice: Notice) => void, place: bigint): Restore<Engine> {
  const failed = new Set<string>();
  return (name, kept) => {
    try {
      return Engine.restore(kept, place);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const text = `Edits that were not saved can't be read by this page: ${why}. They stay in this browser: reload the page to try again.`;
      if (!failed.has(name)) notify({ look: "error", text });
      failed.add(name);
      throw error;
    }
  };
}
