// The button with the number of unread notices, whose panel lists them; and the way to unread messages.
import { Bell, MessageSquare } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { navigate } from "../../base/router.ts";
import { useStore } from "../../base/store.ts";
import { unsentMessages } from "../../live/drafts/own-unsent.ts";
import { inbox } from "../../live/inbox/inbox.ts";
import { UNREAD_MOST } from "../../live/inbox/unread-notices.ts";
import { IconButton } from "../../ui/Button.tsx";
import { Popover } from "../../ui/overlay/Popover.tsx";
import { announceArrivals } from "./announce.ts";
import { NoticeList } from "./NoticeList.tsx";
import { unreadText } from "./title.ts";
import { messagesNotSent, unreadMessages } from "./unread-messages.ts";
import "../../styles/notices.css";

export default function NoticeBell() {
  const [open, setOpen] = useState(false);
  const unread = useStore(inbox.unreadNotices);
  useEffect(announceArrivals, []);
  return (
    <>
      <MessagesButton />
      <Counted unread={unread}>
        <Popover
          label="Notices"
          testId="notices"
          button={
            <IconButton
              icon={Bell}
              label={labelOf("Notices", unread)}
              data-testid="bell"
              data-unread={unread}
            />
          }
          open={open}
          onOpenChange={setOpen}
        >
          <NoticeList onClose={() => setOpen(false)} />
        </Popover>
      </Counted>
    </>
  );
}

/** Leads to the messages; it is there while some are unread. */
function MessagesButton() {
  const unread = useStore(inbox.unreadThreads);
  useEffect(() => unreadMessages.set(unread), [unread]);
  const unsent = [...useStore(unsentMessages.threads).values()];
  const notSent = unsent.reduce((sum, { count }) => sum + count, 0);
  useEffect(() => messagesNotSent.set(notSent), [notSent]);
  if (unread === 0) return null;
  return (
    <Counted unread={unread}>
      <IconButton
        icon={MessageSquare}
        label={labelOf("Messages", unread)}
        data-testid="messages-unread"
        data-unread={unread}
        onClick={() => navigate("/messages")}
      />
    </Counted>
  );
}

function labelOf(name: string, unread: number): string {
  return unread === 0 ? name : `${name}: ${unreadText(unread, UNREAD_MOST)} unread`;
}

/** A button with a number at its corner. */
function Counted({ unread, children }: { unread: number; children: ReactNode }) {
  return (
    <span className="bell">
      {children}
      {unread === 0 ? null : (
        <span className="bell-count" aria-hidden="true">
          {unreadText(unread, UNREAD_MOST)}
        </span>
      )}
    </span>
  );
}
