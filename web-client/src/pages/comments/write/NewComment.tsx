// The field for a comment on the cell that was chosen. A cell that is deleted meanwhile keeps the text.
import { useRef } from "react";
import type { Hold } from "../../../live/engine/hold.ts";
import type { LiveSheet } from "../../../live/live-sheet.ts";
import { Button, IconButton } from "../../../ui/Button.tsx";
import { Composer } from "../../conversation/composer/Composer.tsx";
import type { OwnDraft } from "../../conversation/thread/own-draft.ts";
import { useWrite } from "./use-write.ts";

interface NewCommentProps {
  id: string;
  sheet: LiveSheet;
  own: string;
  typed: OwnDraft;
  hold: Hold;
  /** The comment is made, or the person has left the field. */
  onDone: () => void;
  /** Chooses the selected cell in place of a deleted one. */
  onChooseSelected: () => void;
}

export function NewComment(props: NewCommentProps) {
  const { id, own, typed, onDone, onChooseSelected } = props;
  const field = useRef<HTMLTextAreaElement>(null);
  const writing = useWrite({ ...props, own: typed });
  const { title, isLost, draft, problem, busy, change, send } = writing;
  return (
    <section className="comment-new" aria-label="New comment" data-testid="comment-new">
      <header className="comment-new-head">
        <p
          className={isLost ? "comment-lost" : "comment-cell-name"}
          role={isLost ? "alert" : undefined}
        >
          {title}
        </p>
        <IconButton icon="x" label="Cancel" data-testid="comment-cancel" onClick={onDone} />
      </header>
      {isLost ? (
        <Button
          data-testid="comment-choose"
          onClick={() => {
            onChooseSelected();
            // The button goes with the problem.
            field.current?.focus();
          }}
        >
          Comment on the selected cell instead
        </Button>
      ) : null}
      <Composer
        {...{ field, draft, own, problem, busy }}
        first
        sheetId={id}
        label="Write a comment"
        action="Comment"
        onChange={change}
        onSend={isLost ? () => undefined : send}
        onEscape={() => {
          onDone();
          return true;
        }}
      />
    </section>
  );
}
