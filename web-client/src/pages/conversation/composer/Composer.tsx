// The field that a message is written in: Enter sends, Shift+Enter begins a line, and an @ lists people.
//
// Invariant: the Enter that ends a composition of an input method sends nothing.
import { SendHorizontal } from "lucide-react";
import { type KeyboardEvent, type ReactNode, type RefObject, useId, useState } from "react";
import { flushSync } from "react-dom";
import type { Person } from "../../../gen/gridloom/v1/people_pb.ts";
import { IconButton } from "../../../ui/Button.tsx";
import { mentionedIn, mentionedWith } from "../text-parts.ts";
import type { Draft } from "../thread/kept.ts";
import { check } from "./limits.ts";
import { MentionList, optionId } from "./MentionList.tsx";
import { withPerson } from "./mentions.ts";
import { useGrow } from "./use-grow.ts";
import { type MentionSearch, useMentions } from "./use-mentions.ts";

interface ComposerProps {
  field: RefObject<HTMLTextAreaElement | null>;
  label: string;
  draft: Draft;
  /** The sheet whose people can be mentioned. */
  sheetId: string | undefined;
  own: string;
  /** The label of the button. */
  action: string;
  problem?: string | undefined;
  busy?: boolean;
  first?: boolean;
  /** Beside the button: further buttons. */
  extra?: ReactNode;
  onChange: (draft: Draft) => void;
  onSend: (draft: Draft) => void;
  /** Escape was pressed while no list is open; true: the field has used the key. */
  onEscape?: () => boolean;
  /** The up key in an empty field. */
  onUp?: () => void;
}

/** A key that belongs to an input method. Safari sends the Enter that ends a composition after its end, as 229. */
function isComposing({ nativeEvent, keyCode }: KeyboardEvent): boolean {
  return nativeEvent.isComposing || keyCode === 229;
}

function isPlain({ ctrlKey, altKey, metaKey, shiftKey }: KeyboardEvent): boolean {
  return !(ctrlKey || altKey || metaKey || shiftKey);
}

/** The keys of the open list; true for a key that it has used. */
function listKey(
  event: KeyboardEvent,
  search: MentionSearch,
  choose: (at: number) => void,
): boolean {
  const { people, marked, mark, close } = search;
  if (people.length === 0 || !isPlain(event)) return false;
  if (event.key === "ArrowDown") mark((marked + 1) % people.length);
  else if (event.key === "ArrowUp") mark((marked + people.length - 1) % people.length);
  else if (event.key === "Enter" || event.key === "Tab") choose(marked);
  else if (event.key === "Escape") close();
  else return false;
  return true;
}

export function Composer(props: ComposerProps) {
  const { draft, sheetId, own, problem, busy = false, onChange } = props;
  const id = useId();
  const [touched, setTouched] = useState(false);
  const search = useMentions(sheetId, own);
  const limit = check(draft.text, draft.mentions.length);
  const isOff = busy || limit.wrong || draft.text.trim() === "";
  const change = (text: string, mentions = mentionedIn(text, draft.mentions)) => {
    onChange({ ...draft, text, mentions });
    setTouched(true);
  };
  const choose = ({ accountId, displayName }: Person) => {
    if (search.query === undefined) return;
    const person = { id: accountId, name: displayName };
    const { text, cursor } = withPerson(draft.text, search.query, person);
    const mentions = mentionedWith(text, search.query.at, draft.mentions, person);
    flushSync(() => change(text, mentions));
    search.close();
    props.field.current?.setSelectionRange(cursor, cursor);
  };
  const send = () => {
    if (isOff) return;
    search.close();
    setTouched(false);
    props.onSend(draft);
  };
  const note = problem !== undefined && !touched ? problem : limit.text;
  const isWrong = limit.wrong || (note !== "" && note === problem);
  return (
    <div className="composer">
      <MentionList id={`${id}-list`} search={search} onChoose={choose} />
      <TextArea {...props} {...{ id, search, change, choose, send, isWrong }} />
      <div className="composer-foot">
        <p id={`${id}-note`} className={isWrong ? "note error" : "note"} aria-live="polite">
          {note}
        </p>
        {props.extra}
        <IconButton
          icon={SendHorizontal}
          label={props.action}
          className="composer-send"
          disabled={isOff}
          data-testid="composer-send"
          onClick={send}
        />
      </div>
    </div>
  );
}

interface TextAreaProps extends ComposerProps {
  id: string;
  search: MentionSearch;
  isWrong: boolean;
  change: (text: string) => void;
  choose: (person: Person) => void;
  send: () => void;
}

/** The text field, which has the focus also while a person is chosen. */
function TextArea(props: TextAreaProps) {
  const { field, label, draft, id, search, isWrong, change, choose, send } = props;
  useGrow(field, draft.text);
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (isComposing(event)) return;
    const chooseAt = (at: number) => {
      const person = search.people[at];
      if (person !== undefined) choose(person);
    };
    if (listKey(event, search, chooseAt) || fieldKey(event, props, send)) {
      event.preventDefault();
      event.stopPropagation();
    }
  };
  const list = search.people.length > 0 ? `${id}-list` : undefined;
  return (
    <textarea
      ref={field}
      rows={1}
      value={draft.text}
      placeholder={label}
      dir="auto"
      aria-label={label}
      aria-autocomplete={props.sheetId === undefined ? "none" : "list"}
      aria-controls={list}
      aria-activedescendant={list === undefined ? undefined : optionId(list, search.marked)}
      aria-describedby={`${id}-note`}
      aria-invalid={isWrong}
      enterKeyHint="send"
      data-testid="composer"
      // biome-ignore lint/a11y/noAutofocus: only an edit that the person has begun has it
      autoFocus={props.first ?? false}
      onChange={({ target }) => {
        change(target.value);
        search.look(target.value, target.selectionStart);
      }}
      onSelect={({ currentTarget }) => {
        if (search.query !== undefined)
          search.look(currentTarget.value, currentTarget.selectionStart);
      }}
      onBlur={search.close}
      onKeyDown={onKeyDown}
    />
  );
}

/** The keys of the field itself; true for a key that it has used. */
function fieldKey(event: KeyboardEvent, props: ComposerProps, send: () => void): boolean {
  if (!isPlain(event)) return false;
  if (event.key === "Enter") {
    send();
    return true;
  }
  if (event.key === "Escape") return props.onEscape?.() ?? false;
  if (event.key !== "ArrowUp" || props.draft.text !== "" || props.onUp === undefined) return false;
  props.onUp();
  return true;
}
