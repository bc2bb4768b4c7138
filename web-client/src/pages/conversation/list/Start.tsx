// What stands above the first loaded message: the load of older ones, its failure, or the start of the conversation.
import { Button } from "../../../ui/Button.tsx";
import type { LiveThread, ThreadState } from "../thread/live-thread.ts";

interface StartProps {
  thread: LiveThread;
  state: ThreadState;
  /** Stands there while there is no message. */
  none: string;
}

export function Start({ thread, state, none }: StartProps) {
  const { older, olderProblem, loadingOlder, messages } = state;
  if (olderProblem !== undefined)
    return (
      <div className="conversation-note" role="alert">
        <p>{olderProblem}</p>
        <Button data-testid="older-retry" onClick={thread.loadOlder}>
          Load older messages
        </Button>
      </div>
    );
  if (loadingOlder)
    return (
      <div className="conversation-note">
        <span className="spinner" role="status" aria-label="Loading older messages" />
      </div>
    );
  if (older !== "" || !state.known) return null;
  if (messages.length === 0) return <p className="conversation-start">{none}</p>;
  return <p className="conversation-start">The conversation begins here.</p>;
}
