// The row of tabs. Arrow keys move between the tabs, Enter chooses, Delete closes, Alt Shift with an arrow moves a tab;
// the mouse drags it.
//
// Invariant: the row is one stop of the Tab key, at the tab of the active sheet.
import {
  type DragEvent,
  type KeyboardEvent,
  type RefObject,
  useEffect,
  useRef,
  useState,
} from "react";
import { sheetPath } from "../../base/router.ts";
import { useStore } from "../../base/store.ts";
import { Icon } from "../../ui/Icon.tsx";
import { Menu } from "../../ui/Menu.tsx";
import { BesideButton } from "./BesideButton.tsx";
import { goTo, leaveTab, shownOf } from "./go.ts";
import type { StoredTabs } from "./stored-tabs.ts";
import { tabMenu } from "./tab-menu.ts";
import { placed, type Tab, type Tabs } from "./tabs.ts";
import type { Panes } from "./use-panes.ts";

interface RowProps {
  panes: Panes;
  stored: StoredTabs;
  tabs: Tabs;
  /** What the window leaves out. */
  note: string | undefined;
}

const KEYS = "Delete closes the tab, Alt Shift Left and Right move it, the menu key shows more.";

interface MenuAt {
  id: string;
  x: number;
  y: number;
}

export function TabRow(props: RowProps) {
  const { panes, stored, tabs, note } = props;
  useStore(panes.active);
  const { ids, active } = shownOf(panes);
  const current = ids[active];
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    const link = current === undefined ? null : findTab(list, current);
    link?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [current]);
  const [announced, setAnnounced] = useState("");
  const [menu, setMenu] = useState<MenuAt>();
  const place = (id: string, to: number) => {
    stored.change((now) => placed(now, id, to));
    const now = stored.tabs.get();
    const at = now.findIndex((tab) => tab.id === id);
    setAnnounced(`${now[at]?.name} is tab ${at + 1} of ${now.length}.`);
  };
  const drag = useDrag(place, tabs);
  const stop = tabs.some(({ id }) => id === current) ? current : tabs[0]?.id;
  const menuTab = tabs.find(({ id }) => id === menu?.id);
  return (
    <nav className="sheet-tabs" aria-label="Open sheets" data-testid="sheet-tabs">
      <ul ref={list} onKeyDown={(event) => onKey(event, list, props, place)}>
        {tabs.map((tab) => (
          <li
            key={tab.id}
            className={drag.classOf(tab.id)}
            data-shown={panes.shown.some(({ id }) => id === tab.id)}
            {...drag.handlers(tab.id)}
            onContextMenu={(event) => {
              event.preventDefault();
              const { left, bottom } = event.currentTarget.getBoundingClientRect();
              setMenu({ id: tab.id, x: left, y: bottom });
            }}
          >
            <TabLink {...props} tab={tab} isCurrent={tab.id === current} isStop={tab.id === stop} />
          </li>
        ))}
      </ul>
      <BesideButton {...{ panes, tabs }} />
      {note === undefined ? null : <span className="tabs-note">{note}</span>}
      <span className="visually-hidden" role="status">
        {announced}
      </span>
      <span className="visually-hidden" id="tab-keys">
        {KEYS}
      </span>
      {menu === undefined || menuTab === undefined ? null : (
        <Menu
          at={menu}
          label={menuTab.name}
          groups={tabMenu(panes, stored, menuTab, place)}
          onClose={() => setMenu(undefined)}
        />
      )}
    </nav>
  );
}

interface LinkProps extends RowProps {
  tab: Tab;
  isCurrent: boolean;
  isStop: boolean;
}

/** A link, so that the browser's own ways to open one work; a plain click stays in this window. */
function TabLink({ panes, stored, tab: { id, name }, isCurrent, isStop }: LinkProps) {
  return (
    <>
      <a
        href={sheetPath(id)}
        className="sheet-tab"
        title={name}
        aria-current={isCurrent ? "page" : undefined}
        aria-describedby="tab-keys"
        tabIndex={isStop ? 0 : -1}
        data-id={id}
        data-testid="sheet-tab"
        onClick={(event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
          event.preventDefault();
          goTo(panes, stored, id);
        }}
        onAuxClick={(event) => {
          // The middle button closes, as on the tabs of a browser.
          if (event.button !== 1) return;
          event.preventDefault();
          leaveTab(panes, stored, id);
        }}
      >
        {name}
      </a>
      <button
        type="button"
        tabIndex={-1}
        aria-label={`Close ${name}`}
        data-testid="sheet-tab-close"
        onClick={() => leaveTab(panes, stored, id)}
      >
        <Icon name="x" size={14} />
      </button>
    </>
  );
}

/** The keys of the row; the one that has the focus is the one they are about. */
function onKey(
  event: KeyboardEvent,
  list: RefObject<HTMLUListElement | null>,
  { panes, stored, tabs }: RowProps,
  place: (id: string, to: number) => void,
): void {
  const links = [...(list.current?.querySelectorAll<HTMLElement>(".sheet-tab") ?? [])];
  const at = links.indexOf(event.target as HTMLElement);
  const id = tabs[at]?.id;
  if (id === undefined || event.ctrlKey || event.metaKey) return;
  const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, Home: -at };
  const step = event.key === "End" ? links.length - 1 - at : steps[event.key];
  const moves = event.altKey && event.shiftKey;
  if (event.key === "Delete") {
    leaveTab(panes, stored, id);
    // The sheet that is shown instead of a closed one takes the focus itself.
    requestAnimationFrame(() => {
      const left = list.current?.querySelectorAll<HTMLElement>(".sheet-tab");
      if (document.activeElement === document.body) left?.[Math.min(at, left.length - 1)]?.focus();
    });
  } else if (step === undefined || (event.altKey && !moves)) return;
  else if (moves) {
    place(id, at + step);
    // The element has moved, and with it the focus.
    requestAnimationFrame(() => findTab(list, id)?.focus());
  } else links[at + step]?.focus();
  event.preventDefault();
  event.stopPropagation();
}

function findTab(list: RefObject<HTMLUListElement | null>, id: string): HTMLElement | null {
  return list.current?.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"]`) ?? null;
}

/** Drags a tab to another place of the row. */
function useDrag(place: (id: string, to: number) => void, tabs: Tabs) {
  const [dragged, setDragged] = useState<string>();
  const [over, setOver] = useState<string>();
  const indexOf = (id: string | undefined) => tabs.findIndex((tab) => tab.id === id);
  const end = () => {
    setDragged(undefined);
    setOver(undefined);
  };
  const classOf = (id: string) => {
    if (dragged === undefined || id !== over || id === dragged) return undefined;
    return indexOf(dragged) < indexOf(id) ? "drop-after" : "drop-before";
  };
  const handlers = (id: string) => ({
    draggable: true,
    onDragStart: (event: DragEvent) => {
      event.dataTransfer.effectAllowed = "copyMove";
      setDragged(id);
    },
    onDragOver: (event: DragEvent) => {
      if (dragged === undefined) return;
      event.preventDefault();
      setOver(id);
    },
    onDrop: (event: DragEvent) => {
      event.preventDefault();
      if (dragged !== undefined) place(dragged, indexOf(id));
      end();
    },
    onDragEnd: end,
  });
  return { classOf, handlers };
}
