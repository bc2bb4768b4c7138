// The deletion of the own account: the calls, and what follows in this browser.
import { Code } from "@connectrpc/connect";
import { useMutation } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { hasCode, isNetworkError } from "../../api/errors.ts";
import { reasonOf } from "../../api/reasons.ts";
import { endSession, type Session } from "../../api/session.ts";
import { accounts } from "../../api/transport.ts";
import { navigate } from "../../base/router.ts";
import { discardUnsent } from "../../live/drafts/unsent.ts";

export interface Deletion {
  password: string;
  deleteSheets: boolean;
  transferTo: string;
}

/** All tabs of the browser leave the account, and nothing of it stays here. */
async function leave({ accountId }: Session): Promise<void> {
  // Without storage there is nothing to discard.
  await discardUnsent(accountId).catch(() => undefined);
  endSession("deleted");
  navigate("/", "replace");
}

/** One call deletes or gives away some of the sheets: it is repeated while the server reports that some are left. */
async function deleteAll(request: Deletion, onLeft: (sheets: number) => void): Promise<void> {
  for (;;) {
    try {
      await accounts.deleteAccount(request);
      return;
    } catch (error) {
      const { name, facts } = reasonOf(error);
      if (name !== "SHEETS_LEFT") throw error;
      onLeft(Number(facts.get("sheets") ?? 0));
    }
  }
}

/** `left`: the sheets that are still to be deleted or given away; undefined before the first answer. */
export function useDeletion(user: Session) {
  const [left, setLeft] = useState<number>();
  const isUnanswered = useRef(false);
  const deleting = useMutation({
    mutationFn: (request: Deletion) => deleteAll(request, setLeft),
    onSuccess: () => leave(user),
    onError: (error) => {
      // The attempt before this one has arrived, and its answer was lost.
      if (isUnanswered.current && hasCode(error, Code.Unauthenticated)) void leave(user);
      isUnanswered.current ||= isNetworkError(error);
    },
  });
  return { ...deleting, left };
}
