// Announces what arrives on this page: in its title, as a short message, or on the desktop.
import { session } from "../../api/session.ts";
import { browser } from "../../live/browser.ts";
import { inbox } from "../../live/inbox/inbox.ts";
import { UNREAD_MOST } from "../../live/inbox/unread-notices.ts";
import { shownPanes } from "../../ui/panes/shown.ts";
import { showToast } from "../../ui/toasts.ts";
import { addressesNow, leadTo } from "../panes/lead/lead.ts";
import { type Announcement, Arrivals, isOpen } from "./arrivals.ts";
import { holdWhileInView, showOnDesktop } from "./desktop.ts";
import { numberTitle } from "./title.ts";

/** The events of a change of the address. */
const MOVES = ["popstate", "pushState", "replaceState"];

/** Closes a message when the person has gone to what it is about. */
function closeWhenOpen(to: string, close: () => void): () => void {
  const look = () => {
    if (isOpen(to, addressesNow())) close();
  };
  for (const move of MOVES) addEventListener(move, look);
  const stops = shownPanes.get().map(({ query }) => query.subscribe(look));
  return () => {
    for (const stop of stops) stop();
    for (const move of MOVES) removeEventListener(move, look);
  };
}

function show({ text, to, name }: Announcement): void {
  const run = () => to !== undefined && leadTo(to);
  if (document.hidden) void showOnDesktop(name, text, run);
  else if (to === undefined) showToast("info", text);
  else
    showToast("info", text, { label: "Show", run }, { until: (close) => closeWhenOpen(to, close) });
}

let isStarted = false;

/** Announces from now on; once for each page. */
export function announceArrivals(): void {
  if (isStarted) return;
  isStarted = true;
  const arrivals = new Arrivals({
    now: browser.now,
    after: browser.after,
    here: () => (document.hidden ? undefined : addressesNow()),
    show,
  });
  const own = () => session.get()?.accountId ?? "";
  inbox.onEvent((answer) => arrivals.receive(answer, own()));
  numberTitle([inbox.unreadNotices, inbox.unreadThreads], UNREAD_MOST);
  holdWhileInView();
}
