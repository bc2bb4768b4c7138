// An own message while its author edits it: the field in place of the text.
import { type RefObject, useRef, useState } from "react";
import { errorText } from "../../../api/errors.ts";
import type { Message } from "../../../gen/gridloom/v1/chat_pb.ts";
import { Button } from "../../../ui/Button.tsx";
import { Composer } from "../composer/Composer.tsx";
import type { Draft } from "../thread/kept.ts";

interface EditRowProps {
  message: Message;
  sheetId: string | undefined;
  own: string;
  save: (draft: Draft) => Promise<void>;
  onClose: () => void;
}

function draftOf({ text, mentions }: Message): Draft {
  const named = mentions.map(({ accountId, displayName }) => ({
    id: accountId,
    name: displayName,
  }));
  return { text, mentions: named };
}

export function EditRow({ message, sheetId, own, save, onClose }: EditRowProps) {
  const field: RefObject<HTMLTextAreaElement | null> = useRef(null);
  const [draft, setDraft] = useState(() => draftOf(message));
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const onSend = (edited: Draft) => {
    if (edited.text === message.text) return onClose();
    setBusy(true);
    setProblem(undefined);
    save(edited).then(onClose, (error: unknown) => {
      setBusy(false);
      setProblem(errorText(error));
    });
  };
  const onEscape = () => {
    onClose();
    return true;
  };
  return (
    <li className="message editing" data-testid="message-editing">
      <Composer
        {...{ field, draft, sheetId, own, busy, problem, onSend, onEscape }}
        label="Edit your message"
        action="Save"
        first
        onChange={setDraft}
        extra={
          <Button look="quiet" data-testid="edit-cancel" onClick={onClose}>
            Cancel
          </Button>
        }
      />
    </li>
  );
}
