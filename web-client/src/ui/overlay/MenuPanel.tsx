// The open part of a menu: its items in groups, and submenus.
//
// What it is not: it does not open itself (see Menu.tsx).
// Invariant: an item runs after the menu is closed and the focus has returned, in the same event: a dialog that the
// item opens returns the focus to the same place, and the browser still allows access to the clipboard.
import { Menu as Base } from "@base-ui/react/menu";
import type { ComponentProps, ReactNode, RefObject } from "react";
import { flushSync } from "react-dom";
import { Icon } from "../Icon.tsx";
import { COVER, focusFirst, useFocusReturn } from "./focus.ts";

interface Named {
  label: string;
  /** Distinguishes items with the same label. */
  id?: string;
  testId?: string | undefined;
  disabled?: boolean;
}

export interface MenuAction extends Named {
  /** The keys of the same action, shown at the right; the menu does not handle them. */
  shortcut?: string;
  /** What the item leads to, shown at the right. */
  note?: string | undefined;
  /** Whether the item is the chosen one of its group. */
  checked?: boolean;
  danger?: boolean;
  run: () => void;
}

export interface Submenu extends Named {
  /** The present choice, shown at the right. */
  value?: string | undefined;
  groups: MenuGroups;
}

export type MenuItem = MenuAction | Submenu;

/** Items in groups, with a line between groups. */
export type MenuGroups = readonly (readonly MenuItem[])[];

function idOf({ id, label }: Named): string {
  return id ?? label;
}

type Choose = (run: () => void) => void;

interface MenuPanelProps {
  label: string;
  groups: MenuGroups;
  onClose: () => void;
  /** The button that opened the menu; without it, the menu takes the focus before the next key. */
  owner?: RefObject<HTMLButtonElement | null>;
  place: Pick<ComponentProps<typeof Base.Positioner>, "anchor" | "align" | "sideOffset">;
}

const EDGE_PIXELS = 8;

export function MenuPanel({ label, groups, onClose, owner, place }: MenuPanelProps) {
  useFocusReturn(owner);
  const choose: Choose = (run) => {
    flushSync(onClose);
    run();
  };
  return (
    <Popup label={label} testId="menu" place={place} first={owner === undefined}>
      <Groups groups={groups} choose={choose} />
    </Popup>
  );
}

interface PopupProps {
  label: string;
  testId: string;
  place: MenuPanelProps["place"];
  first?: boolean;
  sub?: boolean;
  children: ReactNode;
}

function Popup({ label, testId, place, first = false, sub = false, children }: PopupProps) {
  return (
    <Base.Portal>
      <Base.Positioner className="menu-place" collisionPadding={EDGE_PIXELS} {...place}>
        <Base.Popup
          {...(first && { ref: focusFirst })}
          // useFocusReturn has the focus of the whole menu; a submenu returns it to its item.
          finalFocus={sub}
          className="menu"
          aria-label={label}
          data-testid={testId}
          {...COVER}
        >
          {children}
        </Base.Popup>
      </Base.Positioner>
    </Base.Portal>
  );
}

function Groups({ groups, choose }: { groups: MenuGroups; choose: Choose }) {
  return groups.map((group) => <Group key={group[0]?.label} {...{ group, choose }} />);
}

function Group({ group, choose }: { group: readonly MenuItem[]; choose: Choose }) {
  const rows = group.map((item) =>
    "groups" in item ? (
      <Sub key={idOf(item)} item={item} choose={choose} />
    ) : (
      <Row key={idOf(item)} item={item} choose={choose} />
    ),
  );
  const checked = group.find((item) => "checked" in item && item.checked);
  const isChoice = group.some((item) => "checked" in item);
  return isChoice ? (
    <Base.RadioGroup className="menu-group choices" value={checked && idOf(checked)}>
      {rows}
    </Base.RadioGroup>
  ) : (
    <Base.Group className="menu-group">{rows}</Base.Group>
  );
}

function Row({ item, choose }: { item: MenuAction; choose: Choose }) {
  const { label, shortcut, note, checked, danger, disabled = false, testId, run } = item;
  const props = {
    label,
    disabled,
    closeOnClick: false,
    className: danger ? "menu-item danger" : "menu-item",
    "data-testid": testId,
    onClick: () => choose(run),
  };
  const content = (
    <>
      <span className="menu-label">{label}</span>
      {note === undefined ? null : <span className="menu-value">{note}</span>}
      {shortcut === undefined ? null : <kbd>{shortcut}</kbd>}
    </>
  );
  if (checked === undefined) return <Base.Item {...props}>{content}</Base.Item>;
  return (
    <Base.RadioItem {...props} value={idOf(item)}>
      <span className="menu-check">
        <Base.RadioItemIndicator>
          <Icon name="check" size={14} />
        </Base.RadioItemIndicator>
      </span>
      {content}
    </Base.RadioItem>
  );
}

function Sub({ item, choose }: { item: Submenu; choose: Choose }) {
  const { label, value, disabled = false, testId, groups } = item;
  return (
    <Base.SubmenuRoot>
      <Base.SubmenuTrigger
        label={label}
        disabled={disabled}
        className="menu-item"
        data-testid={testId}
      >
        <span className="menu-label">{label}</span>
        <span className="menu-value">{value}</span>
        <Icon name="chevronRight" size={14} />
      </Base.SubmenuTrigger>
      <Popup label={label} testId="submenu" place={{}} sub>
        <Groups groups={groups} choose={choose} />
      </Popup>
    </Base.SubmenuRoot>
  );
}
