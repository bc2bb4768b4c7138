// The tabs of the sheets that this account has opened lately: a row over the sheets, on a phone a menu in the bar.
// One sheet alone has no tabs.
import { useEffect } from "react";
import { useStore } from "../../base/store.ts";
import { plural } from "../../base/text.ts";
import { useNarrow } from "../../ui/narrow.ts";
import { PANES_MOST } from "./address.ts";
import { PhoneTabs } from "./PhoneTabs.tsx";
import { TabRow } from "./TabRow.tsx";
import type { Panes } from "./use-panes.ts";
import { useTabs } from "./use-tabs.ts";
import "./keep.ts";
import "../../styles/panes.css";

/** What the window leaves out of the address, in words. */
function leftOut({ ids, shown, most }: Panes): string | undefined {
  const count = ids.length - shown.length;
  if (count === 0) return undefined;
  const why = most < PANES_MOST ? "needs a wider window" : `${PANES_MOST} fit side by side`;
  return `${plural(count, "more sheet")}: ${why}`;
}

export default function SheetTabs(panes: Panes) {
  const stored = useTabs(panes);
  const tabs = useStore(stored.tabs);
  const narrow = useNarrow();
  const note = leftOut(panes);
  const several = tabs.length > 1 || note !== undefined;
  useEffect(() => {
    const [first] = panes.shown;
    if (!narrow || !several) return undefined;
    first?.lead.set(<PhoneTabs {...{ panes, stored, note }} />);
    return () => first?.lead.set(null);
  }, [panes, stored, narrow, several, note]);
  if (narrow || !several) return null;
  return <TabRow {...{ panes, stored, tabs, note }} />;
}
