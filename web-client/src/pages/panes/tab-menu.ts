// The items of a tab's menu.
import type { MenuGroups } from "../../ui/Menu.tsx";
import { goBeside, goTo, hasRoom, leaveTab } from "./go.ts";
import type { StoredTabs } from "./stored-tabs.ts";
import { closed, type Tab } from "./tabs.ts";
import type { Panes } from "./use-panes.ts";

export function tabMenu(
  panes: Panes,
  stored: StoredTabs,
  { id }: Tab,
  place: (id: string, to: number) => void,
): MenuGroups {
  const tabs = stored.tabs.get();
  const at = tabs.findIndex((tab) => tab.id === id);
  const others = tabs.filter((tab) => tab.id !== id && !panes.ids.includes(tab.id));
  const closeOthers = () =>
    stored.change((now) => others.reduce((left, other) => closed(left, other.id), now));
  return [
    [
      { label: "Open", testId: "tab-open", run: () => goTo(panes, stored, id) },
      {
        label: "Open beside",
        testId: "tab-beside",
        disabled: !hasRoom(panes),
        run: () => goBeside(panes, id),
      },
    ],
    [
      { label: "Move left", testId: "tab-left", disabled: at === 0, run: () => place(id, at - 1) },
      {
        label: "Move right",
        testId: "tab-right",
        disabled: at === tabs.length - 1,
        run: () => place(id, at + 1),
      },
    ],
    [
      { label: "Close", testId: "tab-close", run: () => leaveTab(panes, stored, id) },
      {
        label: "Close all that are not shown",
        testId: "tab-close-others",
        disabled: others.length === 0,
        run: closeOthers,
      },
    ],
  ];
}
