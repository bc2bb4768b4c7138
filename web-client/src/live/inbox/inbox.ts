// The notices of this page: one instance, for the account that is signed in.
//
// What it is not: a part of the first page. Only parts that load later import it.
import { chat, notices } from "../../api/people.ts";
import { session } from "../../api/session.ts";
import type { Thread } from "../../gen/gridloom/v1/chat_pb.ts";
import { browser } from "../browser.ts";
import { noticeNetwork } from "./network.ts";
import { NoticeInbox } from "./notice-inbox.ts";
import type { Lists } from "./reader.ts";
import { THREADS_MOST } from "./unread-threads.ts";

/** A few, as the newest ones may be of sheets that the account can't read any more. */
const NEWEST = 10;
const PAGE_SIZE = 100;

const lists: Lists = {
  async notices() {
    const answer = await notices.listNotices({ pageSize: NEWEST });
    const { read, unread } = answer;
    return { newest: answer.notices[0]?.number ?? 0n, read, unread };
  },
  async threads() {
    const threads: Thread[] = [];
    let pageToken = "";
    do {
      const page = await chat.listThreads({ pageSize: PAGE_SIZE, pageToken });
      threads.push(...page.threads);
      pageToken = page.nextPageToken;
    } while (pageToken !== "" && threads.length < THREADS_MOST);
    return threads;
  },
};

/** What the account that is signed in receives of others. */
export const inbox = new NoticeInbox(browser, noticeNetwork(), lists);
inbox.follow(session);
