// Sends a new comment. Its place is held: it follows its cell while others edit.
import { useEffect, useRef, useState } from "react";
import { errorText, fieldError } from "../../../api/errors.ts";
import { useStore } from "../../../base/store.ts";
import { type Hold, lossText } from "../../../live/engine/hold.ts";
import type { LiveSheet } from "../../../live/live-sheet.ts";
import { cellIdOf } from "../../../live/view/cell-id.ts";
import { type Draft, NO_DRAFT } from "../../conversation/thread/kept.ts";
import { showUnmentioned } from "../../conversation/thread/open-thread.ts";
import { namesOf } from "../../conversation/thread/outbox.ts";
import type { OwnDraft } from "../../conversation/thread/own-draft.ts";
import { commentChanged, comments } from "../calls.ts";
import { cellName } from "../cell-name.ts";
import { attemptOf, type TriedDraft } from "./attempt.ts";
import { noteMade } from "./use-made.ts";

export interface Writing {
  /** The cell, or what became of it. */
  title: string;
  /** Whether the cell is deleted. */
  isLost: boolean;
  draft: Draft;
  problem: string | undefined;
  busy: boolean;
  change: (draft: Draft) => void;
  send: (draft: Draft) => void;
}

interface Given {
  id: string;
  sheet: LiveSheet;
  own: OwnDraft;
  hold: Hold;
  onDone: () => void;
}

const UNSAVED = "This row or column isn't saved yet. Try again when it is.";

/** The error of a call at the field; that of a deleted cell names it. */
function problemOf(error: unknown): string {
  const gone =
    fieldError(error, "row_id") !== undefined || fieldError(error, "column_id") !== undefined;
  return gone ? "This cell was deleted. Your text is kept: choose another cell." : errorText(error);
}

export function useWrite({ id, sheet, own, hold, onDone }: Given): Writing {
  const layout = useStore(sheet.layout);
  useStore(sheet.version);
  const draft = useStore(own.draft);
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const isShown = useRef(true);
  useEffect(() => {
    isShown.current = true;
    return () => {
      isShown.current = false;
    };
  }, []);
  const area = hold.area();
  const loss = hold.loss();
  const now = (): TriedDraft => own.draft.get();
  const keep = (next: TriedDraft) => {
    own.change(next);
    setProblem(undefined);
  };
  const send = async ({ text, mentions }: Draft) => {
    const cell = area && cellIdOf(sheet, area);
    if (cell === undefined) {
      if (loss === undefined) setProblem(UNSAVED);
      return;
    }
    setBusy(true);
    const attempt = attemptOf(now(), cell);
    const sent = { ...now(), attempt };
    keep(sent);
    const { clientId } = attempt;
    const mentioned = mentions.map(({ id }) => id);
    try {
      const request = { sheetId: id, ...cell, clientId, text, mentions: mentioned };
      const { withoutAccess } = await comments.addComment(request);
      if (now() === sent) keep(NO_DRAFT);
      noteMade(clientId);
      showUnmentioned(namesOf(withoutAccess, mentions));
      commentChanged(id, cell.rowId);
      // What was typed meanwhile is another comment, and so is the one that a field opened since is for.
      if (now() === NO_DRAFT && isShown.current) onDone();
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };
  const lost = loss && `${lossText(loss, (account) => sheet.nameOf(account))} Your text is kept.`;
  return {
    title: lost ?? (area === undefined ? "" : cellName(layout, area)),
    isLost: loss !== undefined,
    draft,
    problem,
    busy,
    change: (next) => keep({ ...now(), ...next }),
    send: (next) => void send(next),
  };
}
