// Empties the field of a comment that is made: the call of a panel or a page that was closed meanwhile has made it.
import { useEffect } from "react";
import { Store, useStore } from "../../../base/store.ts";
import type { Comment } from "../../../gen/gridloom/v1/comments_pb.ts";
import { NO_DRAFT } from "../../conversation/thread/kept.ts";
import type { OwnDraft } from "../../conversation/thread/own-draft.ts";
import { isMade } from "./attempt.ts";

/** The ids of the comments that this page has made. */
const made = new Store<ReadonlySet<string>>(new Set());

export function noteMade(clientId: string): void {
  made.set(new Set([...made.get(), clientId]));
}

/** `comments`: those that the page has loaded. */
export function useMade(typed: OwnDraft, comments: readonly Comment[]): void {
  const draft = useStore(typed.draft);
  const ids = useStore(made);
  const isSent = isMade(draft, ids, comments);
  useEffect(() => {
    if (isSent) typed.change(NO_DRAFT);
  }, [isSent, typed]);
}
