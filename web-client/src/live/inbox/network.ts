// The network of the notices: the stream of all tabs where the browser has shared workers; else one of the page, and a call
// where no worker starts.
//
// Invariant: over HTTP/1.1 a browser holds one stream of notices, whatever the number of its tabs.
import { fromBinary } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { notices } from "../../api/people.ts";
import { tokenNow } from "../../api/session.ts";
import { NoticeServiceWatchResponseSchema } from "../../gen/gridloom/v1/notices_pb.ts";
import { browser } from "../browser.ts";
import type { Gate } from "../connection/interfaces.ts";
import { received } from "../stream/received.ts";
import { ownLink, sharedLink } from "../stream/shared-link.ts";
import type { WorkerLink } from "../stream/worker-link.ts";
import { sharedNotices } from "../tabs/locks.ts";
import { StreamSlots } from "../tabs/stream-slots.ts";
import { directSource } from "./direct.ts";
import type { NoticeSource } from "./feed.ts";
import type { Network } from "./reader.ts";

export function noticeNetwork(): Network {
  const direct = directSource(browser, notices.watch);
  const shared = sharedLink();
  const link = shared ?? ownLink();
  let hasMembers = true;
  return {
    source: {
      isRefused: direct.isRefused,
      async *open(after, signal) {
        if (!hasMembers || link.failed) return yield* direct.open(after, signal);
        try {
          yield* answersOver(link, after, signal);
        } catch (error) {
          // The server is of an earlier release. The next attempt is a call of the page.
          if (ConnectError.from(error).code === Code.Unimplemented) hasMembers = false;
          throw error;
        }
      },
    },
    gate: () => turns(() => hasMembers && shared?.failed === false),
  };
}

/**
 * Pages with a stream of their own take turns in view; each continues after its last answer. Over the worker all tabs
 * have their place at a time.
 */
function turns(isShared: () => boolean): Gate {
  const slots = new StreamSlots(browser, sharedNotices(), () => false);
  return {
    acquire: async (...wait) => (isShared() ? PERMIT : await slots.acquire(...wait)),
    close: () => slots.close(),
  };
}

const PERMIT = { release: () => undefined };

async function* answersOver(
  link: WorkerLink,
  after: bigint | undefined,
  signal: AbortSignal,
): ReturnType<NoticeSource["open"]> {
  signal.throwIfAborted();
  const token = tokenNow();
  const { key, inbox } = link.openNotices(token, after === undefined ? undefined : Number(after));
  try {
    for await (const message of received(inbox, token, signal)) {
      if (message.kind !== "frame") continue;
      yield fromBinary(NoticeServiceWatchResponseSchema, message.bytes);
      link.read(key, message.bytes.length);
    }
  } finally {
    link.close(key);
  }
}
