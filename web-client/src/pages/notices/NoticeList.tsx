// The notices in the panel of the bell. Each leads to what it is about; older ones load by scrolling.
import { useEffect, useRef } from "react";
import { useStore } from "../../base/store.ts";
import { ago } from "../../base/text.ts";
import { type Notice, NoticeKind } from "../../gen/gridloom/v1/notices_pb.ts";
import { Avatar } from "../../ui/Avatar.tsx";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Link } from "../../ui/Link.tsx";
import { PagedList } from "../../ui/PagedList.tsx";
import { leadWithin } from "../panes/lead/lead.ts";
import { desktopState, refreshDesktopState, switchDesktop } from "./desktop.ts";
import { noticeView } from "./notice-text.ts";
import { type Notices, useNotices } from "./use-notices.ts";

export function NoticeList({ onClose }: { onClose: () => void }) {
  const list = useNotices();
  const { notices, unread, isUnread, markRead } = list;
  const newest = notices[0]?.number;
  const onOpen = (notice: Notice) => {
    if (isUnread(notice)) markRead(notice.number);
    onClose();
  };
  return (
    <>
      <header className="notices-head">
        <h2>Notices</h2>
        <Button
          look="quiet"
          disabled={unread === 0 || newest === undefined || list.isMarking}
          data-testid="notices-read"
          onClick={() => newest !== undefined && markRead(newest)}
        >
          Mark all as read
        </Button>
      </header>
      <div className="notices-scroll">
        <PagedList
          list={list}
          items={notices}
          className="notice-list"
          row={(notice) => (
            <Row
              key={String(notice.number)}
              notice={notice}
              isUnread={isUnread(notice)}
              onOpen={() => onOpen(notice)}
            />
          )}
          placeholder={<span className="spinner" role="status" aria-label="Loading" />}
          empty={<Empty list={list} />}
          failed="Couldn't load your notices"
          more="Show older notices"
        />
        <More list={list} />
      </div>
      <DesktopSwitch />
    </>
  );
}

/** Pixels before the end of the list at which older notices load. */
const AHEAD_PIXELS = 300;

/** Loads older notices when the end of the list comes near. A failed page is loaded by its button. */
function More({ list }: { list: Notices }) {
  const end = useRef<HTMLDivElement>(null);
  const { hasMore, problem, pages } = list;
  const load = useRef(list.loadMore);
  useEffect(() => {
    load.current = list.loadMore;
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a page that is short leaves the end in view
  useEffect(() => {
    const element = end.current;
    if (element === null || !hasMore || problem !== undefined) return;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting) load.current();
      },
      { root: element.parentElement, rootMargin: `${AHEAD_PIXELS}px` },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [hasMore, problem, pages]);
  return <div ref={end} />;
}

/** A page may have no notice, while an older one has some. */
function Empty({ list }: { list: Notices }) {
  if (list.hasMore) return <span className="spinner" role="status" aria-label="Loading" />;
  return (
    <p className="notices-none" data-testid="notices-none">
      No notices yet. Mentions, replies to comments and sheets that are shared with you appear here.
    </p>
  );
}

interface RowProps {
  notice: Notice;
  isUnread: boolean;
  onOpen: () => void;
}

function Row({ notice, isUnread, onOpen }: RowProps) {
  const { text, excerpt, to } = noticeView(notice);
  const content = (
    <>
      <Picture notice={notice} />
      <span className="notice-words">
        <span>{text}</span>
        {excerpt === undefined ? null : <span className="notice-excerpt">{excerpt}</span>}
        <span className="notice-when">{ago(Number(notice.atMicros / 1000n), Date.now())}</span>
      </span>
      {isUnread ? (
        <span className="notice-dot">
          <span className="visually-hidden">Unread</span>
        </span>
      ) : null}
    </>
  );
  return (
    <li data-testid="notice" data-kind={NoticeKind[notice.kind]} data-unread={isUnread}>
      {to === undefined ? (
        <div className="notice">{content}</div>
      ) : (
        <Link
          to={to}
          className="notice"
          onClick={(event) => {
            if (leadWithin(to)) event.preventDefault();
            onOpen();
          }}
        >
          {content}
        </Link>
      )}
    </li>
  );
}

/** The person who caused the notice, or how a job has ended. */
function Picture({ notice: { actorId, actorName, actorColor, job } }: { notice: Notice }) {
  if (job === undefined) return <Avatar name={actorName} account={actorId} sent={actorColor} />;
  return (
    <span className="notice-job">
      <Icon name={job.succeeded ? "check" : "x"} />
    </span>
  );
}

function DesktopSwitch() {
  const state = useStore(desktopState);
  // The person may have changed the browser's settings.
  useEffect(refreshDesktopState, []);
  if (state === "none") return null;
  return (
    <footer className="notices-foot">
      <label>
        <input
          type="checkbox"
          checked={state === "on"}
          disabled={state === "blocked"}
          data-testid="notices-desktop"
          onChange={({ target }) => void switchDesktop(target.checked)}
        />
        Also on the desktop, while Gridloom is not in view
      </label>
      {state === "blocked" ? (
        <p>Your browser blocks notifications of this page. Allow them in its settings.</p>
      ) : null}
    </footer>
  );
}
