// The page of messages: the list of conversations, and the one of the address beside it, or the texts that are not sent. A
// phone shows one of the two.
import { SquarePen } from "lucide-react";
import { type RefObject, useEffect, useRef, useState } from "react";
import { NOT_SENT, targetFrom } from "../../api/message-paths.ts";
import { session } from "../../api/session.ts";
import { keyOf } from "../../api/target.ts";
import { navigate } from "../../base/router.ts";
import { useStore } from "../../base/store.ts";
import { Button, IconButton } from "../../ui/Button.tsx";
import { Logo } from "../../ui/Logo.tsx";
import { useNarrow } from "../../ui/narrow.ts";
import { ThemeToggle } from "../../ui/theme/ThemeToggle.tsx";
import { AccountMenu } from "../account-menu/AccountMenu.tsx";
import { NewMessage } from "./NewMessage.tsx";
import { NotSentLink, NotSentPane } from "./not-sent/NotSentPane.tsx";
import { ThreadList } from "./ThreadList.tsx";
import { ThreadPane } from "./ThreadPane.tsx";
import { targetOf } from "./thread-text.ts";
import { useThreads } from "./use-threads.ts";
import "../../styles/conversation.css";
import "../../styles/messages.css";

interface MessagesPageProps {
  /** The parts of the address. */
  kind?: string | undefined;
  id?: string | undefined;
}

/** The field of the shown conversation, and a function that focuses it as soon as the chosen conversation is shown. */
function useChosen(
  shown: string | undefined,
): [field: RefObject<HTMLTextAreaElement | null>, choose: (key: string) => void] {
  const field = useRef<HTMLTextAreaElement>(null);
  const [chosen, choose] = useState<string>();
  // It runs after the dialog that is removed in the same step has returned the focus to its button.
  useEffect(() => {
    if (chosen === undefined || chosen !== shown) return;
    field.current?.focus({ preventScroll: true });
    choose(undefined);
  }, [chosen, shown]);
  return [field, choose];
}

export default function MessagesPage({ kind, id }: MessagesPageProps) {
  const own = useStore(session)?.accountId ?? "";
  const [asking, setAsking] = useState(false);
  const list = useThreads();
  const narrow = useNarrow();
  const target = targetFrom(kind, id);
  const shown = target && keyOf(target);
  const thread = list.threads.find((other) => keyOf(targetOf(other)) === shown || other.id === id);
  const [field, choose] = useChosen(shown);
  const onChoose = (key: string) => {
    setAsking(false);
    choose(key);
  };
  useEffect(() => {
    document.title = "Messages · Gridloom";
  }, []);
  const isNotSent = kind === NOT_SENT;
  const hasList = !narrow || (target === undefined && !isNotSent);
  return (
    <div className="list-page">
      <header className="bar">
        <IconButton
          icon="arrowLeft"
          label="All sheets"
          data-testid="back"
          onClick={() => navigate("/")}
        />
        <Logo />
        <span className="space" />
        <ThemeToggle />
        <AccountMenu />
      </header>
      <main className="messages-page" data-testid="messages-page">
        {hasList ? (
          <nav className="threads" aria-label="Conversations">
            <div className="threads-head">
              <h1>Messages</h1>
              <Button icon={SquarePen} data-testid="new-message" onClick={() => setAsking(true)}>
                New message
              </Button>
            </div>
            <ThreadList {...{ list, own, shown }} />
            <NotSentLink {...{ own }} isShown={isNotSent} />
          </nav>
        ) : null}
        {isNotSent ? (
          <NotSentPane {...{ own, list }} isBeside={!narrow} />
        ) : target === undefined ? (
          <Unchosen isHidden={narrow} />
        ) : (
          <ThreadPane key={shown} {...{ target, thread, field }} isBeside={!narrow} />
        )}
      </main>
      {asking ? <NewMessage {...{ own, onChoose }} onClose={() => setAsking(false)} /> : null}
    </div>
  );
}

function Unchosen({ isHidden }: { isHidden: boolean }) {
  return isHidden ? null : (
    <section className="thread-pane conversation-note">
      <p>Choose a conversation, or write a new message.</p>
    </section>
  );
}
