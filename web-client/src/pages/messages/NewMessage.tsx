// The dialog that finds a person to write to.
//
// Not where the focus goes after a choice: the page of messages moves it.
import { useState } from "react";
import { pathOf } from "../../api/message-paths.ts";
import { keyOf, type Target } from "../../api/target.ts";
import type { Person } from "../../gen/gridloom/v1/people_pb.ts";
import { Avatar } from "../../ui/Avatar.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Link } from "../../ui/Link.tsx";
import { PagedList } from "../../ui/PagedList.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { LEFT_OUT, noneText } from "./people-text.ts";
import { usePeople } from "./use-people.ts";

interface NewMessageProps {
  own: string;
  /** Receives the key of the conversation with the chosen person. */
  onChoose: (key: string) => void;
  onClose: () => void;
}

export function NewMessage({ own, onChoose, onClose }: NewMessageProps) {
  const [query, setQuery] = useState("");
  const list = usePeople(query, own);
  return (
    <Dialog title="New message" onClose={onClose} testId="new-message-dialog">
      <div className="stack">
        <TextField
          label="Name or e-mail address"
          value={query}
          onChange={setQuery}
          autoComplete="off"
          maxLength={100}
          testId="people-query"
          first
        />
        <div className="people-found">
          <PagedList
            list={list}
            items={list.people}
            className="people-list"
            row={(person) => <PersonRow key={person.accountId} {...{ person, onChoose }} />}
            placeholder={<span className="spinner" role="status" aria-label="Searching" />}
            empty={
              <p className="people-none" data-testid="people-none">
                {noneText(query.trim(), list.leftOut)}
              </p>
            }
            failed="Couldn't search for people"
            more="Show more"
          />
          {list.leftOut && list.people.length > 0 ? (
            <p className="people-none" data-testid="people-left-out">
              {LEFT_OUT}
            </p>
          ) : null}
        </div>
      </div>
    </Dialog>
  );
}

type PersonRowProps = Pick<NewMessageProps, "onChoose"> & { person: Person };

function PersonRow({ person, onChoose }: PersonRowProps) {
  const { accountId, displayName, color, email, online, shares } = person;
  const target: Target = { kind: "person", personId: accountId };
  const about = [email, shares ? "shares a sheet with you" : ""].filter((text) => text !== "");
  return (
    <li>
      <Link
        className="thread"
        to={pathOf(target)}
        state={{ name: displayName, color }}
        data-testid="person-found"
        onClick={() => onChoose(keyOf(target))}
      >
        <span className={online ? "presence online" : "presence"}>
          <Avatar name={displayName} account={accountId} sent={color} />
        </span>
        <span className="thread-names">
          <span className="thread-title">{displayName}</span>
          <span className="thread-last">{about.join(" · ")}</span>
        </span>
        {online ? <span className="thread-when">Online</span> : null}
      </Link>
    </li>
  );
}
