// A message that the server has not answered for: on its way, or not sent.
import { Button } from "../../../ui/Button.tsx";
import { CopyText } from "../../shared/CopyText.tsx";
import type { Outbox, Outgoing } from "../thread/outbox.ts";

interface OutgoingRowProps {
  message: Outgoing;
  outbox: Outbox;
  /** Whether the person may write in the conversation: the message can be sent again. */
  canWrite: boolean;
}

export function OutgoingRow({ message, outbox, canWrite }: OutgoingRowProps) {
  const { clientId, text, progress, problem } = message;
  return (
    <li className="outgoing" data-testid="outgoing" data-progress={progress}>
      <p className="message-text" dir="auto">
        {text}
      </p>
      {progress === "sending" ? (
        <p className="message-note">Sending…</p>
      ) : (
        <div className="outgoing-foot">
          <p className="message-note error">Not sent. {problem}</p>
          {canWrite ? (
            <Button
              look="quiet"
              data-testid="outgoing-retry"
              onClick={() => outbox.retry(clientId)}
            >
              Try again
            </Button>
          ) : null}
          <CopyText text={text} />
          <Button
            look="quiet"
            data-testid="outgoing-delete"
            onClick={() => outbox.remove(clientId)}
          >
            Discard
          </Button>
        </div>
      )}
    </li>
  );
}
