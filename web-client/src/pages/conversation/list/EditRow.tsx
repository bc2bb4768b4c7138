// An own message while its author edits it: the field in place of the text.
//
// Invariant: a text that was saved elsewhere since the edit began is shown before this one replaces it.
import { type RefObject, useEffect, useRef, useState } from "react";
import { errorText } from "../../../api/errors.ts";
import type { Message } from "../../../gen/gridloom/v1/chat_pb.ts";
import { Button } from "../../../ui/Button.tsx";
import { Composer } from "../composer/Composer.tsx";
import type { Draft, Edited } from "../thread/kept.ts";
import { draftOf, type Edits } from "./use-edits.ts";

interface EditRowProps {
  message: Message;
  /** The changed text; undefined while it is that of the message. */
  changed: Edited | undefined;
  /** The edit that the person has begun last: the field takes the focus where it is this one. */
  last: Edits["last"];
  sheetId: string | undefined;
  own: string;
  onChange: (draft: Draft) => void;
  save: (draft: Draft) => Promise<void>;
  /** A text is saved. The person may have typed on, also in another row of the same message. */
  onSaved: (text: string) => void;
  onClose: () => void;
}

export function EditRow(props: EditRowProps) {
  const { message, changed, last, sheetId, own, onChange, save, onSaved, onClose } = props;
  const field: RefObject<HTMLTextAreaElement | null> = useRef(null);
  const draft = changed ?? draftOf(message);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    if (last?.number === message.number) field.current?.focus();
  }, [last, message.number]);
  const onSend = (edited: Draft) => {
    if (edited.text === message.text) return onClose();
    setBusy(true);
    setProblem(undefined);
    const onEnd = () => {
      setBusy(false);
      onSaved(edited.text);
    };
    save(edited).then(onEnd, (error: unknown) => {
      setBusy(false);
      setProblem(errorText(error));
    });
  };
  const onEscape = () => {
    onClose();
    return true;
  };
  const isOther = changed?.base !== undefined && changed.base !== message.text;
  return (
    <li className="message editing" data-testid="message-editing">
      {isOther && !busy && draft.text !== message.text ? <Replaced text={message.text} /> : null}
      <Composer
        {...{ field, draft, sheetId, own, busy, problem, onSend, onChange, onEscape }}
        label="Edit your message"
        action="Save"
        extra={
          <Button look="quiet" data-testid="edit-cancel" onClick={onClose}>
            Cancel
          </Button>
        }
      />
    </li>
  );
}

/** The text that another tab or device has saved meanwhile. */
function Replaced({ text }: { text: string }) {
  return (
    <div className="edit-replaces" role="alert" data-testid="edit-replaces">
      <p className="message-note error">
        This message was changed elsewhere while you edit it. Saving replaces its text:
      </p>
      <p className="message-text" dir="auto">
        {text}
      </p>
    </div>
  );
}
