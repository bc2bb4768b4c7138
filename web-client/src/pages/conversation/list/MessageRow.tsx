// One message: its author and time, its text, and for the own ones a menu that edits and deletes.

import { cellPath } from "../../../base/router.ts";
import type { CellLink, Message } from "../../../gen/gridloom/v1/chat_pb.ts";
import { Avatar } from "../../../ui/Avatar.tsx";
import { Icon } from "../../../ui/Icon.tsx";
import { MenuButton } from "../../../ui/Menu.tsx";
import { SheetChip } from "../links/SheetChip.tsx";
import { unmentionedText } from "../thread/open-thread.ts";
import { MessageText } from "./MessageText.tsx";
import { clockText, dateOf, wholeText } from "./rows.ts";

interface MessageRowProps {
  message: Message;
  /** Whether the name of the author stands above. */
  isFirst: boolean;
  own: string;
  /** Persons without access whom the message was to mention. */
  unmentioned: readonly string[] | undefined;
  onEdit: (() => void) | undefined;
  onDelete: () => void;
}

export function MessageRow(props: MessageRowProps) {
  const { message, isFirst, own, unmentioned = [], onEdit, onDelete } = props;
  const isDeleted = message.deletedMicros > 0n;
  const isOwn = message.authorId === own;
  return (
    <li
      className={isFirst ? "message first" : "message"}
      data-testid="message"
      data-number={String(message.number)}
    >
      {isFirst ? <Head message={message} /> : null}
      {isDeleted ? (
        <p className="message-text message-deleted">Message deleted</p>
      ) : (
        <MessageText text={message.text} mentions={message.mentions} own={own} />
      )}
      {message.link === undefined || isDeleted ? null : <Linked link={message.link} />}
      {message.editedMicros > 0n && !isDeleted ? (
        <p className="message-note" title={wholeText(dateOf(message.editedMicros))}>
          edited
        </p>
      ) : null}
      {unmentioned.length === 0 || isDeleted ? null : (
        <p className="message-note error" role="alert" data-testid="unmentioned">
          {unmentionedText(unmentioned)}
        </p>
      )}
      {isOwn && !isDeleted ? <OwnMenu {...{ onEdit, onDelete }} /> : null}
    </li>
  );
}

function Head({ message }: { message: Message }) {
  const name = message.authorName === "" ? "Deleted account" : message.authorName;
  const at = dateOf(message.sentMicros);
  return (
    <div className="message-head">
      <Avatar name={name} account={message.authorId} sent={message.authorColor} />
      <span className="message-author">{name}</span>
      <time className="message-time" dateTime={at.toISOString()} title={wholeText(at)}>
        {clockText(at)}
      </time>
    </div>
  );
}

/** The cell that a program has attached to the message. */
function Linked({ link }: { link: CellLink }) {
  const { sheetId, rowId, columnId } = link;
  return (
    <p>
      <SheetChip link={{ sheetId, cell: { rowId, columnId }, path: cellPath(link) }} />
    </p>
  );
}

/** The menu of an own message. `onEdit`: undefined where the person may not write any more. */
function OwnMenu({ onEdit, onDelete }: Pick<MessageRowProps, "onEdit" | "onDelete">) {
  const deletes = { label: "Delete", testId: "message-delete", danger: true, run: onDelete };
  const edits =
    onEdit === undefined ? [] : [{ label: "Edit", testId: "message-edit", run: onEdit }];
  return (
    <MenuButton
      label="Your message"
      groups={[[...edits, deletes]]}
      button={
        <button
          type="button"
          className="icon-button message-menu"
          aria-label="Actions for your message"
          data-testid="message-menu"
        >
          <Icon name="dots" size={16} />
        </button>
      }
    />
  );
}
