// Texts that can't be sent any more, or not from here: they are read, copied and discarded.
//
// Invariant: what a person has typed leaves the page when that person discards it, never because a right ends.
import { Button } from "../../../ui/Button.tsx";
import { Link } from "../../../ui/Link.tsx";
import { CopyText } from "../../shared/CopyText.tsx";

export interface LeftText {
  key: string;
  /** What became of it. */
  about: string;
  text: string;
  /** The address of its place, where that is elsewhere. */
  to?: string | undefined;
  discard: () => void;
}

interface LeftTextsProps {
  texts: readonly LeftText[];
  /** Whether nothing else needs the height. */
  isAlone?: boolean;
}

export function LeftTexts({ texts, isAlone = false }: LeftTextsProps) {
  if (texts.length === 0) return null;
  return (
    <ul
      className={isAlone ? "left-texts alone" : "left-texts"}
      aria-label="Texts that are not sent"
      data-testid="left-texts"
    >
      {texts.map(({ key, about, text, to, discard }) => (
        <li key={key} data-testid="left-text">
          <p className="message-note error">{about}</p>
          <p className="message-text" dir="auto">
            {text}
          </p>
          <div className="left-actions">
            <CopyText text={text} />
            <Button look="quiet" data-testid="left-discard" onClick={discard}>
              Discard
            </Button>
            {to === undefined ? null : (
              <Link className="link" to={to} data-testid="left-place">
                Open its place
              </Link>
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}
