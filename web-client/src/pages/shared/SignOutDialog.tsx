// The question of a sign-out: what becomes of the edits and texts that are only in this browser, and of files under way.
import { useMutation } from "@tanstack/react-query";
import { NOT_SENT_PATH } from "../../api/message-paths.ts";
import { isGuest } from "../../api/session.ts";
import { navigate } from "../../base/router.ts";
import { useStore } from "../../base/store.ts";
import { plural } from "../../base/text.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { answer, type Question, question } from "./sign-out.ts";

export function SignOutDialog() {
  const asked = useStore(question);
  return asked === undefined ? null : <Asked asked={asked} />;
}

/** What would be lost, in sentences. */
function lossOf({ edits, sheets, texts, messages, transfers, user }: Question): string[] {
  const where = `${plural(edits, "edit")} in ${plural(sheets, "sheet")}`;
  const sent = `${where} ${edits === 1 ? "has" : "have"} not reached the server.`;
  const written = `${plural(texts, "text")} ${texts === 1 ? "is" : "are"} not sent.`;
  const next = isGuest(user)
    ? "A guest can't sign in again, so signing out discards what you typed."
    : "This browser can keep what you typed until you sign in here again.";
  const shown = `Signing out also removes ${plural(messages, "message")} of this page, and any typed text there.`;
  const moving = `${plural(transfers, "file")} ${transfers === 1 ? "is" : "are"} being uploaded, which stops. An upload continues when you choose its file again.`;
  const lost = [...(edits > 0 ? [sent] : []), ...(texts > 0 ? [written] : [])];
  return [
    ...(lost.length > 0 ? [`${lost.join(" ")} ${next}`] : []),
    ...(messages > 0 ? [shown] : []),
    ...(transfers > 0 ? [moving] : []),
  ];
}

function Asked({ asked }: { asked: Question }) {
  const answering = useMutation({
    mutationFn: (what: "keep" | "discard") => answer(asked, what),
  });
  const onClose = () => question.set(undefined);
  const onShow = () => {
    onClose();
    navigate(NOT_SENT_PATH);
  };
  const choice = (what: "keep" | "discard") => ({
    disabled: answering.isPending,
    "data-testid": `unsent-${what}`,
    onClick: () => answering.mutate(what),
  });
  const keeps = asked.edits + asked.texts > 0 && !isGuest(asked.user);
  return (
    <Dialog title="Sign out before all is sent?" onClose={onClose} testId="unsent">
      <div className="stack" data-testid="unsent-count">
        {lossOf(asked).map((loss) => (
          <p key={loss}>{loss}</p>
        ))}
        <p className="form-error" role="alert">
          {answering.error === null ? "" : "Your browser could not discard them. Try again."}
        </p>
        <div className="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          {asked.texts > 0 ? (
            <Button data-testid="unsent-show" onClick={onShow}>
              Show {asked.texts === 1 ? "it" : "them"}
            </Button>
          ) : null}
          <Button look="danger" {...choice("discard")}>
            {asked.edits + asked.texts + asked.messages > 0 ? "Discard" : "Sign out"}
          </Button>
          {keeps ? (
            <Button look="primary" {...choice("keep")}>
              Keep and sign out
            </Button>
          ) : null}
        </div>
      </div>
    </Dialog>
  );
}
