// The button at the end of the tabs: it opens one of their sheets beside the active one.
import { MenuButton } from "../../ui/Menu.tsx";
import { PanesIcon } from "../../ui/panes/PanesIcon.tsx";
import { goBeside, hasRoom } from "./go.ts";
import type { Tabs } from "./tabs.ts";
import type { Panes } from "./use-panes.ts";

export function BesideButton({ panes, tabs }: { panes: Panes; tabs: Tabs }) {
  const hidden = tabs.filter(({ id }) => !panes.ids.includes(id));
  const again = tabs.filter(({ id }) => panes.ids.includes(id));
  const open = (id: string) => () => goBeside(panes, id);
  const groups = [
    hidden.map(({ id, name }) => ({ id, label: name, testId: "beside-item", run: open(id) })),
    again.map(({ id, name }) => ({
      id,
      label: `${name}, once more`,
      testId: "beside-again",
      run: open(id),
    })),
  ];
  const room = hasRoom(panes);
  return (
    <MenuButton
      label="Open beside"
      groups={groups.filter((group) => group.length > 0)}
      button={
        <button
          type="button"
          className="icon-button"
          disabled={!room}
          aria-label="Open a sheet beside"
          title={room ? "Open a sheet beside" : "This window has no room for another sheet"}
          data-testid="beside"
        >
          <PanesIcon />
        </button>
      }
    />
  );
}
