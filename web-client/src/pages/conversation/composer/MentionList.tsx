// The people for an @, above the text field. The field keeps the focus, and its keys move the mark.
import type { Person } from "../../../gen/gridloom/v1/people_pb.ts";
import { Avatar } from "../../../ui/Avatar.tsx";
import type { MentionSearch } from "./use-mentions.ts";

interface MentionListProps {
  id: string;
  search: MentionSearch;
  onChoose: (person: Person) => void;
}

export function optionId(list: string, at: number): string {
  return `${list}-${at}`;
}

export function MentionList({ id, search, onChoose }: MentionListProps) {
  const { query, people, problem, leftOut, marked, mark } = search;
  if (query === undefined) return null;
  if (problem !== undefined)
    return (
      <p className="mention-list mention-problem" role="alert">
        {problem}
      </p>
    );
  if (leftOut)
    return (
      <p className="mention-list mention-left-out" role="status">
        There are too many people to look at all of them. Type more of the name.
      </p>
    );
  if (people.length === 0) return null;
  return (
    <div id={id} className="mention-list" role="listbox" aria-label="People" data-testid="mentions">
      {people.map((person, at) => (
        // biome-ignore lint/a11y/useFocusableInteractive: the text field has the focus
        // biome-ignore lint/a11y/useKeyWithClickEvents: the keys of the text field choose
        <div
          key={person.accountId}
          id={optionId(id, at)}
          role="option"
          aria-selected={at === marked}
          className="mention-option"
          data-testid="mention"
          // The field keeps the focus.
          onMouseDown={(event) => event.preventDefault()}
          onMouseMove={() => mark(at)}
          onClick={() => onChoose(person)}
        >
          <Avatar name={person.displayName} account={person.accountId} sent={person.color} />
          <span className="mention-name">{person.displayName}</span>
          {person.email === "" ? null : <span className="mention-email">{person.email}</span>}
        </div>
      ))}
    </div>
  );
}
