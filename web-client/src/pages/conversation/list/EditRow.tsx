// An own message while its author edits it: the field in place of the text.
import { type RefObject, useRef, useState } from "react";
import { errorText } from "../../../api/errors.ts";
import type { Message } from "../../../gen/gridloom/v1/chat_pb.ts";
import { Button } from "../../../ui/Button.tsx";
import { Composer } from "../composer/Composer.tsx";
import type { Draft } from "../thread/kept.ts";

interface EditRowProps {
  message: Message;
  draft: Draft;
  /** Whether the person has just begun the edit: the field takes the focus. */
  isNew: boolean;
  sheetId: string | undefined;
  own: string;
  onChange: (draft: Draft) => void;
  save: (draft: Draft) => Promise<void>;
  onClose: () => void;
}

export function EditRow(props: EditRowProps) {
  const { message, draft, isNew, sheetId, own, onChange, save, onClose } = props;
  const field: RefObject<HTMLTextAreaElement | null> = useRef(null);
  const latest = useRef(draft);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const onSend = (edited: Draft) => {
    if (edited.text === message.text) return onClose();
    setBusy(true);
    setProblem(undefined);
    const onSaved = () => {
      // What was typed since is not saved yet.
      if (latest.current.text === edited.text) onClose();
      else setBusy(false);
    };
    save(edited).then(onSaved, (error: unknown) => {
      setBusy(false);
      setProblem(errorText(error));
    });
  };
  const onTyped = (next: Draft) => {
    latest.current = next;
    onChange(next);
  };
  const onEscape = () => {
    onClose();
    return true;
  };
  return (
    <li className="message editing" data-testid="message-editing">
      <Composer
        {...{ field, draft, sheetId, own, busy, problem, onSend, onEscape }}
        onChange={onTyped}
        label="Edit your message"
        action="Save"
        first={isNew}
        extra={
          <Button look="quiet" data-testid="edit-cancel" onClick={onClose}>
            Cancel
          </Button>
        }
      />
    </li>
  );
}
