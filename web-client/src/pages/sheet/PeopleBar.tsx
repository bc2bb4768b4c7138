// The badges of the other people on the sheet. A click goes to their cursor.
import { useStore } from "../../base/store.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import type { Person } from "../../live/view/people.ts";
import { Avatar } from "../../ui/Avatar.tsx";

/** The most badges; further people are counted. */
const SHOWN = 5;

interface PeopleBarProps {
  sheet: LiveSheet;
  onGoTo: (row: number, col: number) => void;
}

export function PeopleBar({ sheet, onGoTo }: PeopleBarProps) {
  const people = useStore(sheet.people);
  if (people.length === 0) return null;
  const more = people.length - SHOWN;
  return (
    <div className="people" data-testid="people" data-count={people.length}>
      {people.slice(0, SHOWN).map((person) => (
        <Badge key={person.id} person={person} onGoTo={onGoTo} />
      ))}
      {more > 0 ? <span className="more">+{more}</span> : null}
    </div>
  );
}

function Badge({ person, onGoTo }: { person: Person; onGoTo: PeopleBarProps["onGoTo"] }) {
  const { name, color, cursor } = person;
  return (
    <button
      type="button"
      className="person"
      title={cursor === undefined ? name : `Go to where ${name} is`}
      aria-label={cursor === undefined ? name : `Go to where ${name} is`}
      data-testid="person"
      data-at={cursor === undefined ? "" : `${cursor.row}:${cursor.col}`}
      disabled={cursor === undefined}
      onClick={() => cursor && onGoTo(cursor.row, cursor.col)}
    >
      <Avatar name={name} color={color} />
    </button>
  );
}
