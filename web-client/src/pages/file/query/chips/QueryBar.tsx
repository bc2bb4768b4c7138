// The line above the rows: what they are filtered and sorted by, each part with a button that removes it, and how many they are.
//
// Invariant: after a part is removed, the focus is on the next one, or on the grid once there is none.
import { type ReactNode, useEffect, useRef } from "react";
import { Button } from "../../../../ui/Button.tsx";
import { Icon } from "../../../../ui/Icon.tsx";
import { isAsked, NO_QUERY, type Query, unsorted, withoutCondition } from "../query.ts";
import { type Columns, conditionText, levelText } from "./chip-text.ts";

interface QueryBarProps {
  columns: Columns;
  query: Query;
  decimal: string;
  onChange: (query: Query) => void;
  /** Opens the dialog of a condition. */
  onEdit: (at: number) => void;
  /** Focuses the grid. */
  onLeave: () => void;
  /** What there is of the rows. */
  children: ReactNode;
}

export function QueryBar(props: QueryBarProps) {
  const { columns, query, decimal, onChange, onEdit, onLeave, children } = props;
  const { conditions, order } = query;
  const list = useRef<HTMLUListElement>(null);
  const removed = useRef<number>(undefined);
  useEffect(() => {
    if (removed.current === undefined) return;
    focusNear(list.current, removed.current, isAsked(query), onLeave);
    removed.current = undefined;
  }, [query, onLeave]);
  const remove = (at: number, rest: Query) => {
    removed.current = at;
    onChange(rest);
  };
  if (!isAsked(query)) return null;
  return (
    <section className="query-bar" aria-label="Sort and filter" data-testid="query-bar">
      <ul ref={list} className="query-chips">
        {conditions.map((condition, at) => {
          const text = conditionText(condition, columns, decimal);
          return (
            <Chip
              // Two texts that are cut may be the same.
              // biome-ignore lint/suspicious/noArrayIndexKey: a chip has no state
              key={at}
              text={text}
              onOpen={() => onEdit(at)}
              onRemove={() => remove(at, withoutCondition(query, at))}
            />
          );
        })}
        {order.map((level, at) => (
          <Chip
            key={level.col}
            text={levelText(level, at, columns)}
            onRemove={() => remove(conditions.length + at, unsorted(query, level.col))}
          />
        ))}
        {conditions.length + order.length > 1 ? (
          <li>
            <Button look="quiet" data-testid="query-clear" onClick={() => remove(0, NO_QUERY)}>
              Clear all
            </Button>
          </li>
        ) : null}
      </ul>
      {children}
    </section>
  );
}

function focusNear(
  list: HTMLUListElement | null,
  at: number,
  isLeft: boolean,
  onLeave: () => void,
): void {
  const buttons = list?.querySelectorAll<HTMLButtonElement>(".query-remove") ?? [];
  const next = buttons[Math.min(at, buttons.length - 1)];
  if (isLeft && next !== undefined) next.focus();
  else onLeave();
}

interface ChipProps {
  text: string;
  onOpen?: () => void;
  onRemove: () => void;
}

function Chip({ text, onOpen, onRemove }: ChipProps) {
  return (
    <li className="query-chip" data-testid="query-chip">
      {onOpen === undefined ? (
        <span className="query-text" title={text}>
          {text}
        </span>
      ) : (
        <button
          type="button"
          className="query-text"
          title={text}
          aria-haspopup="dialog"
          onClick={onOpen}
        >
          {text}
        </button>
      )}
      <button
        type="button"
        className="query-remove"
        aria-label={`Remove: ${text}`}
        onClick={onRemove}
      >
        <Icon name="x" size={14} />
      </button>
    </li>
  );
}
