// The calls of a conversation.
import { chat } from "../../../api/people.ts";
import { placeOf, type Target } from "../../../api/target.ts";
import type {
  DeleteMessageResponse,
  EditMessageResponse,
  ListMessagesResponse,
  Message,
  SendMessageResponse,
} from "../../../gen/gridloom/v1/chat_pb.ts";
import type { Attached, Draft, Unsent } from "./kept.ts";

/** What a conversation asks the server. A signal ends its call. */
export interface Calls {
  list(pageToken: string, signal: AbortSignal): Promise<ListMessagesResponse>;
  send(unsent: Unsent, signal: AbortSignal): Promise<SendMessageResponse>;
  edit(message: Message, draft: Draft): Promise<EditMessageResponse>;
  remove(message: Message): Promise<DeleteMessageResponse>;
  markRead(through: bigint, signal: AbortSignal): Promise<unknown>;
  typing(): Promise<unknown>;
}

/** The cell that is attached to a message. */
function linkOf(link: Attached | undefined) {
  if (link === undefined) return {};
  const { sheetId, rowId, columnId } = link;
  return { link: { sheetId, rowId: BigInt(rowId), columnId } };
}

/** The calls about one thread. */
export function callsFor(target: Target): Calls {
  const place = placeOf(target);
  return {
    list: (pageToken, signal) => chat.listMessages({ ...place, pageToken }, { signal }),
    send: ({ clientId, text, mentions, link }, signal) => {
      const ids = mentions.map(({ id }) => id);
      const message = { ...place, clientId, text, mentions: ids };
      return chat.sendMessage({ ...message, ...linkOf(link) }, { signal });
    },
    edit: ({ threadId, number }, { text, mentions }) =>
      chat.editMessage({ threadId, number, text, mentions: mentions.map(({ id }) => id) }),
    remove: ({ threadId, number }) => chat.deleteMessage({ threadId, number }),
    markRead: (through, signal) => chat.markRead({ ...place, through }, { signal }),
    typing: () => chat.setTyping(place),
  };
}
