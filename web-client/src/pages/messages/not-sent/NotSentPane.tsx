// All texts of the account that are typed and not sent, in one place: those of conversations that are gone, too.
import { PencilLine } from "lucide-react";
import { MESSAGES, NOT_SENT_PATH } from "../../../api/message-paths.ts";
import { keyOf } from "../../../api/target.ts";
import { navigate } from "../../../base/router.ts";
import { plural } from "../../../base/text.ts";
import { IconButton } from "../../../ui/Button.tsx";
import { Icon } from "../../../ui/Icon.tsx";
import { Link } from "../../../ui/Link.tsx";
import { LeftTexts } from "../../conversation/left/LeftTexts.tsx";
import { targetOf, titleOf } from "../thread-text.ts";
import type { Threads } from "../use-threads.ts";
import { placeOf } from "./typed-place.ts";
import { discardTyped, useTypedTexts } from "./use-typed-texts.ts";

interface NotSentLinkProps {
  own: string;
  isShown: boolean;
}

/** Below the list of conversations, where it moves none of them when the person types. */
export function NotSentLink({ own, isShown }: NotSentLinkProps) {
  const { length } = useTypedTexts(own);
  if (length === 0 && !isShown) return null;
  return (
    <Link
      className="thread not-sent-link"
      to={NOT_SENT_PATH}
      aria-current={isShown ? "page" : undefined}
      data-testid="not-sent-open"
    >
      <span className="sheet-tile">
        <Icon name={PencilLine} />
      </span>
      <span className="thread-names">
        <span className="thread-title">Not sent</span>
        <span className="thread-last">
          {length === 0 ? "Nothing" : `${plural(length, "text")} in this browser`}
        </span>
      </span>
    </Link>
  );
}

interface NotSentPaneProps {
  own: string;
  list: Threads;
  /** Whether the list is on the screen, too. */
  isBeside: boolean;
}

export function NotSentPane({ own, list, isBeside }: NotSentPaneProps) {
  const typed = useTypedTexts(own);
  const titles = new Map(list.threads.map((thread) => [keyOf(targetOf(thread)), titleOf(thread)]));
  const texts = typed.map((text) => ({
    ...placeOf(text, titles.get(text.thread)),
    key: text.key,
    text: text.text,
    discard: () => void discardTyped(own, text),
  }));
  return (
    <section className="thread-pane" data-testid="not-sent-pane">
      <header className="thread-head">
        {isBeside ? null : (
          <IconButton
            icon="arrowLeft"
            label="All conversations"
            data-testid="threads-back"
            onClick={() => navigate(MESSAGES)}
          />
        )}
        <h2>Not sent</h2>
      </header>
      {texts.length === 0 ? (
        <p className="conversation-note">All that you have typed in this browser is sent.</p>
      ) : (
        <LeftTexts texts={texts} isAlone />
      )}
    </section>
  );
}
