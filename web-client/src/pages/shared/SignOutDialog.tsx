// The question of a sign-out: what becomes of the edits that are only in this browser.
import { useMutation } from "@tanstack/react-query";
import { isGuest } from "../../api/session.ts";
import { useStore } from "../../base/store.ts";
import { plural } from "../../base/text.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { answer, type Question, question } from "./sign-out.ts";

export function SignOutDialog() {
  const asked = useStore(question);
  return asked === undefined ? null : <Asked asked={asked} />;
}

function Asked({ asked }: { asked: Question }) {
  const { edits, sheets, user } = asked;
  const guest = isGuest(user);
  const answering = useMutation({
    mutationFn: (what: "keep" | "discard") => answer(asked, what),
  });
  const onClose = () => question.set(undefined);
  return (
    <Dialog title="Sign out with unsent edits?" onClose={onClose} testId="unsent">
      <div className="stack">
        <p data-testid="unsent-count">
          {plural(edits, "edit")} in {plural(sheets, "sheet")} {edits === 1 ? "has" : "have"} not
          reached the server.{" "}
          {guest
            ? "A guest can't sign in again, so signing out discards what you typed."
            : "This browser can keep what you typed until you sign in here again."}
        </p>
        <p className="form-error" role="alert">
          {answering.error === null ? "" : "Your browser could not discard them. Try again."}
        </p>
        <div className="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="danger"
            disabled={answering.isPending}
            data-testid="unsent-discard"
            onClick={() => answering.mutate("discard")}
          >
            Discard
          </Button>
          {guest ? null : (
            <Button
              look="primary"
              disabled={answering.isPending}
              data-testid="unsent-keep"
              onClick={() => answering.mutate("keep")}
            >
              Keep and sign out
            </Button>
          )}
        </div>
      </div>
    </Dialog>
  );
}
