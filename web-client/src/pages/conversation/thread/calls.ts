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
import type { Draft, Unsent } from "./kept.ts";

/** Messages on a page. */
const PAGE_SIZE = 50;

/** What a conversation asks the server. */
export interface Calls {
  list(pageToken: string): Promise<ListMessagesResponse>;
  send(unsent: Unsent): Promise<SendMessageResponse>;
  edit(message: Message, draft: Draft): Promise<EditMessageResponse>;
  remove(message: Message): Promise<DeleteMessageResponse>;
  markRead(through: bigint): Promise<unknown>;
  typing(): Promise<unknown>;
}

/** The calls about one thread. */
export function callsFor(target: Target): Calls {
  const place = placeOf(target);
  return {
    list: (pageToken) => chat.listMessages({ ...place, pageToken, pageSize: PAGE_SIZE }),
    send: ({ clientId, text, mentions, link }) =>
      chat.sendMessage({
        ...place,
        clientId,
        text,
        mentions: mentions.map(({ id }) => id),
        ...(link === undefined
          ? {}
          : {
              link: {
                sheetId: link.sheetId,
                rowId: BigInt(link.rowId),
                columnId: link.columnId,
              },
            }),
      }),
    edit: ({ threadId, number }, { text, mentions }) =>
      chat.editMessage({ threadId, number, text, mentions: mentions.map(({ id }) => id) }),
    remove: ({ threadId, number }) => chat.deleteMessage({ threadId, number }),
    markRead: (through) => chat.markRead({ ...place, through }),
    typing: () => chat.setTyping(place),
  };
}
