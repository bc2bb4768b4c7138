// The badges of the other people on the sheet, and a menu with all of them where they are many. A click follows a
// person: the view scrolls to where that person is.
import { useStore } from "../../../base/store.ts";
import type { LiveSheet } from "../../../live/live-sheet.ts";
import type { Person } from "../../../live/view/people.ts";
import { Avatar } from "../../../ui/Avatar.tsx";
import { MenuButton } from "../../../ui/Menu.tsx";
import { useNarrow } from "../../../ui/narrow.ts";
import type { Follow } from "./follow.ts";
import { labelOf, listedOf } from "./person-label.ts";

/** The most badges; the menu has further people. */
const SHOWN = 5;

interface PeopleBarProps {
  sheet: LiveSheet;
  follow: Follow;
}

export function PeopleBar({ sheet, follow }: PeopleBarProps) {
  const people = useStore(sheet.people);
  const followed = useStore(follow.person)?.id;
  const narrow = useNarrow();
  if (people.length === 0) return null;
  // A phone has room for one: a badge, or the menu with all.
  const most = narrow ? Number(people.length === 1) : SHOWN;
  const more = people.length - most;
  return (
    <div className="people" data-testid="people" data-count={people.length}>
      {people.slice(0, most).map((person) => (
        <Badge key={person.id} {...{ person, follow }} isFollowed={person.id === followed} />
      ))}
      {more > 0 ? <More {...{ people, follow, followed, more }} /> : null}
    </div>
  );
}

interface BadgeProps {
  person: Person;
  follow: Follow;
  isFollowed: boolean;
}

function Badge({ person, follow, isFollowed }: BadgeProps) {
  const { name, color, cursor, isIdle } = person;
  const label = isFollowed ? `Stop following ${labelOf(person)}` : `Follow ${labelOf(person)}`;
  return (
    <button
      type="button"
      className={isIdle ? "person idle" : "person"}
      title={label}
      aria-label={label}
      aria-pressed={isFollowed}
      data-testid="person"
      data-at={cursor === undefined ? "" : `${cursor.row}:${cursor.col}`}
      onClick={() => follow.toggle(person)}
    >
      <Avatar name={name} color={color} />
    </button>
  );
}

interface MoreProps {
  people: readonly Person[];
  follow: Follow;
  followed: string | undefined;
  more: number;
}

/** The people without a badge as a number; its menu has all of them. */
function More({ people, follow, followed, more }: MoreProps) {
  const items = people.map((person) => ({
    id: person.id,
    label: listedOf(person),
    checked: person.id === followed,
    testId: "person-item",
    run: () => follow.toggle(person),
  }));
  return (
    <MenuButton
      label="People on this sheet"
      groups={[items]}
      button={
        <button
          type="button"
          className="more"
          aria-label={`${more === people.length ? more : `+${more}`}: all ${people.length} people on this sheet`}
          data-testid="people-more"
        >
          {more === people.length ? more : `+${more}`}
        </button>
      }
    />
  );
}
