// The end of the own account: what is deleted and what stays, a question about unsent edits, and the form.
import { useCallback, useEffect, useState } from "react";
import { isGuest, type Session } from "../../api/session.ts";
import { navigate } from "../../base/router.ts";
import { plural } from "../../base/text.ts";
import type { Unsent } from "../../live/drafts/unsent.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { unsentNow } from "../shared/sign-out.ts";
import { DeleteForm } from "./DeleteForm.tsx";
import { type Choice, readDeletion } from "./deletion-address.ts";

export function DeleteAccount({ user }: { user: Session }) {
  const [unsent, setUnsent] = useState<Unsent>();
  const [choice] = useState(() => readDeletion(location.search));
  const { accountId } = user;
  const open = useCallback(async () => setUnsent(await unsentNow(accountId)), [accountId]);
  useEffect(() => {
    // The person comes back from the provider.
    if (choice === undefined) return;
    navigate(location.pathname, "replace");
    void open();
  }, [choice, open]);
  return (
    <section className="account-part" aria-labelledby="account-delete">
      <h2 id="account-delete">Delete account</h2>
      <p className="account-about">
        {isGuest(user)
          ? "Your access to sheets ends at once."
          : "Your address, your password, your sessions and your roles on the sheets of others are deleted at once."}{" "}
        What you wrote stays: messages, comments and the history of sheets. It shows your name for
        90 days more, then none.
      </p>
      <div className="account-foot">
        <Button look="danger" data-testid="delete-account" onClick={() => void open()}>
          Delete account…
        </Button>
      </div>
      {unsent === undefined ? null : (
        <DeleteDialog {...{ user, unsent, choice }} onClose={() => setUnsent(undefined)} />
      )}
    </section>
  );
}

interface DeleteDialogProps {
  user: Session;
  unsent: Unsent;
  choice: Choice | undefined;
  onClose: () => void;
}

const NO_CHOICE: Choice = { fate: undefined, to: "" };

function DeleteDialog({ user, unsent, choice = NO_CHOICE, onClose }: DeleteDialogProps) {
  const [asks, setAsks] = useState(unsent.edits + unsent.texts > 0);
  return (
    <Dialog
      title={asks ? "Delete the account with unsent texts?" : "Delete your account?"}
      onClose={onClose}
      testId="delete-dialog"
    >
      {asks ? (
        <Lost {...{ unsent, onClose }} onContinue={() => setAsks(false)} />
      ) : (
        <DeleteForm {...{ user, choice, onClose }} />
      )}
    </Dialog>
  );
}

interface LostProps {
  unsent: Unsent;
  onContinue: () => void;
  onClose: () => void;
}

function Lost({ unsent: { edits, sheets, texts }, onContinue, onClose }: LostProps) {
  const where = `${plural(edits, "edit")} in ${plural(sheets, "sheet")}`;
  return (
    <div className="stack" data-testid="delete-unsent">
      {edits > 0 ? (
        <p>
          {where} {edits === 1 ? "has" : "have"} not reached the server.
        </p>
      ) : null}
      {texts > 0 ? (
        <p>
          {plural(texts, "message")} {texts === 1 ? "is" : "are"} not sent.
        </p>
      ) : null}
      <p>Without the account, no one can send what you typed: it is discarded with it.</p>
      <div className="dialog-actions">
        <Button onClick={onClose}>Cancel</Button>
        <Button look="danger" data-testid="delete-anyway" onClick={onContinue}>
          Continue and discard
        </Button>
      </div>
    </div>
  );
}
