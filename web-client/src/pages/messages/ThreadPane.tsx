// One conversation of the page of messages, with its name above.
import { useQuery } from "@connectrpc/connect-query";
import type { RefObject } from "react";
import { useHistoryState } from "wouter/use-browser-location";
import { MESSAGES } from "../../api/message-paths.ts";
import type { Target } from "../../api/target.ts";
import { navigate, sheetPath } from "../../base/router.ts";
import { type Thread, ThreadKind } from "../../gen/gridloom/v1/chat_pb.ts";
import { Role } from "../../gen/gridloom/v1/roles_pb.ts";
import { SheetService } from "../../gen/gridloom/v1/sheets_pb.ts";
import { Avatar } from "../../ui/Avatar.tsx";
import { IconButton } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Link } from "../../ui/Link.tsx";
import { Conversation } from "../conversation/Conversation.tsx";
import { titleOf } from "./thread-text.ts";

interface ThreadPaneProps {
  target: Target;
  /** The thread of the list, where it is loaded. */
  thread: Thread | undefined;
  /** Whether the list is on the screen, too. */
  isBeside: boolean;
  /** The field that a message is written in. */
  field: RefObject<HTMLTextAreaElement | null>;
}

interface Known {
  title: string;
  /** The number of the person's colour. */
  color: number;
  canWrite: boolean;
}

/** The name, which a person has from the search when there is no message yet, and the right to write. */
function useKnown({ target, thread }: ThreadPaneProps): Known {
  const state: unknown = useHistoryState();
  const sheetId = target.kind === "sheet" && thread === undefined ? target.sheetId : "";
  const { data } = useQuery(SheetService.method.getSheet, { sheetId }, { enabled: sheetId !== "" });
  if (thread !== undefined) {
    const isSheet = thread.kind === ThreadKind.SHEET;
    const canWrite = isSheet ? thread.role >= Role.COMMENTER : thread.personId !== "";
    return { title: titleOf(thread), color: thread.personColor, canWrite };
  }
  if (target.kind === "sheet")
    return {
      title: data?.sheet?.name ?? "",
      color: 0,
      canWrite: (data?.sheet?.role ?? Role.UNSPECIFIED) >= Role.COMMENTER,
    };
  return { ...personIn(state), canWrite: target.kind === "person" };
}

/** The person whom the search has found. */
function personIn(state: unknown): Pick<Known, "title" | "color"> {
  const { name, color } = (state ?? {}) as { name?: unknown; color?: unknown };
  return {
    title: typeof name === "string" ? name : "Conversation",
    color: typeof color === "number" ? color : 0,
  };
}

export function ThreadPane(props: ThreadPaneProps) {
  const { target, thread, isBeside, field } = props;
  const { title, color, canWrite } = useKnown(props);
  return (
    <section className="thread-pane">
      <header className="thread-head">
        {isBeside ? null : (
          <IconButton
            icon="arrowLeft"
            label="All conversations"
            data-testid="threads-back"
            onClick={() => navigate(MESSAGES)}
          />
        )}
        {target.kind === "sheet" ? (
          <span className="sheet-tile">
            <Icon name="grid" />
          </span>
        ) : (
          <Avatar name={title} account={thread?.personId ?? idOf(target)} sent={color} />
        )}
        <h2 data-testid="thread-title">{title}</h2>
        {target.kind === "sheet" ? (
          <Link className="link" to={`${sheetPath(target.sheetId)}?panel=chat`}>
            Open the sheet
          </Link>
        ) : null}
      </header>
      <Conversation {...{ target, canWrite, field }} label={`Conversation: ${title}`} />
    </section>
  );
}

function idOf(target: Target): string {
  return target.kind === "person" ? target.personId : "";
}
