// The tabs on a phone: a button with their number, and a menu with all of them.
import { useStore } from "../../base/store.ts";
import { plural } from "../../base/text.ts";
import { MenuButton, type MenuItem } from "../../ui/Menu.tsx";
import { goTo, leaveTab } from "./go.ts";
import type { StoredTabs } from "./stored-tabs.ts";
import type { Panes } from "./use-panes.ts";

interface PhoneTabsProps {
  panes: Panes;
  stored: StoredTabs;
  note: string | undefined;
}

export function PhoneTabs({ panes, stored, note }: PhoneTabsProps) {
  const tabs = useStore(stored.tabs);
  const current = panes.shown[0]?.id;
  const own = tabs.find(({ id }) => id === current);
  const sheets = tabs.map(({ id, name }) => ({
    id,
    label: name,
    checked: id === current,
    testId: "tab-item",
    run: () => goTo(panes, stored, id),
  }));
  const rest: MenuItem[] = [];
  if (own !== undefined)
    rest.push({
      label: `Close “${own.name}”`,
      testId: "tab-close",
      run: () => leaveTab(panes, stored, own.id),
    });
  if (note !== undefined) rest.push({ label: note, disabled: true, run: () => undefined });
  return (
    <MenuButton
      label="Open sheets"
      groups={[sheets, rest].filter((group) => group.length > 0)}
      button={
        <button
          type="button"
          className="icon-button"
          aria-label={`${plural(tabs.length, "open sheet")}`}
          data-testid="tabs-open"
        >
          <span className="tab-count">{tabs.length}</span>
        </button>
      }
    />
  );
}
