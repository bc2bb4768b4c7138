// What a person who is not the owner can do: end its own role.
import { useState } from "react";
import { Button } from "../../ui/Button.tsx";
import { ConfirmDialog } from "../shared/ConfirmDialog.tsx";

interface LeaveProps {
  name: string;
  noun: "sheet" | "file";
  /** What it means to leave. */
  text: string;
  isBusy: boolean;
  problem: string | undefined;
  onLeave: () => void;
}

export function Leave({ name, noun, text, isBusy, problem, onLeave }: LeaveProps) {
  const [asking, setAsking] = useState(false);
  return (
    <section className="share-foot">
      <p className="note">Only the owner of this {noun} changes roles.</p>
      <Button look="danger" data-testid="leave" onClick={() => setAsking(true)}>
        Leave this {noun}
      </Button>
      {asking ? (
        <ConfirmDialog
          title={`Leave “${name}”?`}
          text={text}
          action="Leave"
          busy={isBusy}
          error={problem}
          onConfirm={onLeave}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </section>
  );
}
