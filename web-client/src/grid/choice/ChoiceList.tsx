// The options of a column under a cell that is edited: a list to choose one from, or a list to check several in.
//
// The focus stays in the text field: screen readers follow its active option. Invariant: without this list, which loads
// later, the typed text is read in the same way.
import { Check } from "lucide-react";
import { type KeyboardEvent, type RefObject, useEffect, useId, useRef, useState } from "react";
import {
  isBegunBy,
  isTypedWhole,
  listIntent,
  matching,
  oneOf,
  severalOf,
  stepped,
  toggled,
} from "./choice-list.ts";
import "../../styles/choice.css";

/** Handles a key of the field; true when the list has used it. */
export type ListKeys = (event: KeyboardEvent) => boolean;

export interface ChoiceListProps {
  options: readonly string[];
  /** Whether several can be chosen. */
  several: boolean;
  /** The text in the field, and whether it is the one that was opened. */
  text: string;
  isOpened: boolean;
  field: RefObject<HTMLTextAreaElement | null>;
  /** The list puts its keys here. */
  keys: RefObject<ListKeys | undefined>;
  /** Replaces the text in the field. */
  replace: (text: string) => void;
  /** Ends the edit after a click on an option. */
  commit: () => void;
}

/** The options that are shown, those that are chosen, and what a choice does. */
function useChoice({ options, several, text, isOpened, replace }: ChoiceListProps) {
  /** The text that the list itself has written: nothing is typed behind it. */
  const [written, setWritten] = useState<string>();
  const isWhole = isOpened || text === written;
  const state = several ? severalOf(text, options, isWhole) : oneOf(text, isWhole);
  const shown = matching(options, state.typed);
  const choose = (option: string) => {
    const next = several ? toggled(state, option) : option;
    setWritten(next);
    replace(next);
  };
  return { ...state, shown, choose };
}

/** Ties the field to the list for screen readers. */
function useTied({ field }: ChoiceListProps, id: string, active: string | undefined): void {
  useEffect(() => {
    const element = field.current;
    element?.setAttribute("aria-controls", id);
    element?.setAttribute("aria-autocomplete", "list");
    return () => {
      for (const name of ["aria-controls", "aria-autocomplete", "aria-activedescendant"])
        element?.removeAttribute(name);
    };
  }, [field, id]);
  useEffect(() => {
    if (active === undefined) field.current?.removeAttribute("aria-activedescendant");
    else field.current?.setAttribute("aria-activedescendant", active);
  }, [field, active]);
}

export default function ChoiceList(props: ChoiceListProps) {
  const { several, keys, commit } = props;
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const { shown, chosen, typed, choose } = useChoice(props);
  const [moved, setMoved] = useState<{ typed: string; at: number }>();
  // A typed text begins at the option that it begins, and where it is only a part of one, at none: it may be another text.
  // An opened cell of one option begins at that.
  const present = several ? -1 : shown.indexOf(chosen[0] ?? "");
  const first = isBegunBy(shown[0], typed) ? 0 : present >= 0 ? present : undefined;
  const active = moved?.typed === typed ? moved.at : first;
  const at = active !== undefined && active < shown.length ? active : first;
  const option = at === undefined ? undefined : shown[at];
  const idOf = (place: number) => `${id}-${place}`;
  useTied(props, id, at === undefined ? undefined : idOf(at));
  useEffect(() => {
    if (at !== undefined) list.current?.children[at]?.scrollIntoView({ block: "nearest" });
  }, [at]);
  useEffect(() => {
    keys.current = (event) => {
      const intent = listIntent(event, several, typed !== "");
      if (intent?.do === "step") {
        const next = stepped(at, intent.step, shown.length);
        if (next !== undefined) setMoved({ typed, at: next });
        return true;
      }
      if (intent === undefined || option === undefined) return false;
      choose(option);
      // The end of the edit is left to the key. A text that is the option ends the edit in any letter case: what is typed
      // next is of the next cell.
      return !(intent.ends || isTypedWhole(option, typed));
    };
    return () => {
      keys.current = undefined;
    };
  });
  const click = (name: string) => {
    choose(name);
    if (!several) commit();
  };
  const listed = (
    <div
      ref={list}
      id={id}
      role="listbox"
      aria-label={several ? "Options, several can be chosen" : "Options"}
      aria-multiselectable={several}
      data-testid="choice-list"
    >
      {shown.map((name, place) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the text field has the focus and handles the keys.
        // biome-ignore lint/a11y/useFocusableInteractive: the text field has the focus.
        <div
          key={name}
          id={idOf(place)}
          role="option"
          aria-selected={chosen.includes(name)}
          className={place === at ? "choice-option active" : "choice-option"}
          onClick={() => click(name)}
        >
          <span className={several ? "choice-box" : "choice-mark"} aria-hidden="true">
            {chosen.includes(name) ? <Check size={14} /> : null}
          </span>
          {name}
        </div>
      ))}
    </div>
  );
  return (
    <div className="choice-list">
      {listed}
      {shown.length === 0 ? <p className="choice-none">No option has “{typed.trim()}”</p> : null}
    </div>
  );
}
