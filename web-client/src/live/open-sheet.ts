// Opens a sheet with the edits that earlier tabs of this account could not save.
//
// The first draft, of this tab before a reload, belongs to the page's own sheet. Each further draft gets a sheet of its own, which
// closes when the server has accepted its edits.
import { browser } from "./browser.ts";
import { adoptLater } from "./drafts/adopt.ts";
import { claimDrafts, orphanedDrafts, type Restored } from "./drafts/drafts.ts";
import { restorer } from "./drafts/restore.ts";
import { refusedName, Slot } from "./drafts/storage.ts";
import { Engine, loadEngine } from "./engine/engine.ts";
import { LiveSheet } from "./live-sheet.ts";
import type { Notice } from "./notices/notice.ts";
import { type Refused, RefusedEdits } from "./notices/refused-edits.ts";
import { ownPlace } from "./undo/place.ts";

/** Opens a sheet for an account. Rejects when the engine does not load. */
export async function openSheet(
  id: string,
  accountId: string,
  notify: (notice: Notice) => void,
): Promise<LiveSheet> {
  await loadEngine();
  const place = await ownPlace();
  const restore = restorer(notify, place);
  // A draft of another tab has the place of that tab: what is undone here would be what was done there.
  const isOwn = (engine: Engine) => engine.place() === place;
  const [draft, ...others] = await claimDrafts(accountId, id, restore, isOwn);
  if (draft === undefined) throw new Error("there is always one draft");
  // What is refused in the sheet of a further draft is shown on the page, too.
  const refused = new RefusedEdits(new Slot<Refused>(refusedName(accountId, id)));
  void refused.load();
  const start = (draft: Restored<Engine>) =>
    new LiveSheet(
      { id, accountId, refused },
      draft.restored ?? new Engine(id, place),
      draft,
      notify,
    );
  const adopt = (orphan: Restored<Engine>) => closeWhenSaved(start(orphan));
  others.forEach(adopt);
  const sheet = start(draft);
  const find = async () => (sheet.isClosed() ? [] : await orphanedDrafts(accountId, id, restore));
  sheet.onClose(adoptLater(find, adopt, browser.after));
  return sheet;
}

function closeWhenSaved(sheet: LiveSheet): void {
  const stop = sheet.status.subscribe(() => {
    const { phase, pending } = sheet.status.get();
    if (pending > 0 && phase.kind !== "closed") return;
    stop();
    sheet.close();
  });
}
