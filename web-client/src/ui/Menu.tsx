// A menu at a point of the page. Arrow keys move, Enter chooses, Escape and a click outside close it.
import {
  type KeyboardEvent,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { createPortal } from "react-dom";

export interface MenuItem {
  label: string;
  /** The keys of the same action, shown at the right; the menu does not handle them. */
  shortcut?: string;
  checked?: boolean;
  danger?: boolean;
  disabled?: boolean;
  testId?: string;
  run: () => void;
}

/** Items in groups, with a line between groups. */
export type MenuGroups = readonly (readonly MenuItem[])[];

interface MenuProps {
  at: { x: number; y: number };
  label: string;
  groups: MenuGroups;
  onClose: () => void;
}

const EDGE_PIXELS = 8;

function items(menu: HTMLElement | null): HTMLButtonElement[] {
  return [...(menu?.querySelectorAll<HTMLButtonElement>("button:not(:disabled)") ?? [])];
}

/** Focuses the menu and keeps it inside the window. Returns its position. */
function usePlace(ref: RefObject<HTMLDivElement | null>, at: MenuProps["at"]): MenuProps["at"] {
  const [place, setPlace] = useState(at);
  useLayoutEffect(() => {
    const box = ref.current?.getBoundingClientRect();
    if (box === undefined) return;
    const x = Math.max(EDGE_PIXELS, Math.min(at.x, innerWidth - box.width - EDGE_PIXELS));
    const y = Math.max(EDGE_PIXELS, Math.min(at.y, innerHeight - box.height - EDGE_PIXELS));
    setPlace({ x, y });
    ref.current?.focus();
  }, [ref, at]);
  return place;
}

/** Closes the menu when the person clicks or scrolls outside it, or resizes the window. */
function useOutside(ref: RefObject<HTMLDivElement | null>, onClose: () => void): void {
  useEffect(() => {
    const outside = (event: Event) => {
      if (!ref.current?.contains(event.target as Node)) onClose();
    };
    addEventListener("pointerdown", outside, true);
    addEventListener("resize", onClose);
    addEventListener("wheel", outside, true);
    return () => {
      removeEventListener("pointerdown", outside, true);
      removeEventListener("resize", onClose);
      removeEventListener("wheel", outside, true);
    };
  }, [ref, onClose]);
}

export function Menu({ at, label, groups, onClose }: MenuProps) {
  const ref = useRef<HTMLDivElement>(null);
  const place = usePlace(ref, at);
  useOutside(ref, onClose);

  const onKeyDown = (event: KeyboardEvent) => {
    const all = items(ref.current);
    const now = all.indexOf(document.activeElement as HTMLButtonElement);
    const to = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: -1 }[event.key];
    if (event.key === "Escape" || event.key === "Tab") onClose();
    else if (to === undefined) return;
    else all.at(now === -1 && to < -1 ? -1 : to % all.length)?.focus();
    event.preventDefault();
    event.stopPropagation();
  };

  return createPortal(
    <div
      ref={ref}
      className="menu"
      role="menu"
      aria-label={label}
      tabIndex={-1}
      data-testid="menu"
      style={{ left: place.x, top: place.y }}
      onKeyDown={onKeyDown}
    >
      {groups.map((group) => (
        <div key={group[0]?.label} className="menu-group">
          {group.map((item) => (
            <MenuRow key={item.label} item={item} onClose={onClose} />
          ))}
        </div>
      ))}
    </div>,
    document.body,
  );
}

function MenuRow({ item, onClose }: { item: MenuItem; onClose: () => void }) {
  const role =
    item.checked === undefined
      ? { role: "menuitem" }
      : { role: "menuitemradio", "aria-checked": item.checked };
  return (
    <button
      type="button"
      {...role}
      className={item.danger ? "menu-item danger" : "menu-item"}
      disabled={item.disabled}
      data-testid={item.testId}
      onPointerEnter={(event) => event.currentTarget.focus()}
      onClick={() => {
        onClose();
        item.run();
      }}
    >
      <span className="menu-check" aria-hidden="true">
        {item.checked ? "✓" : ""}
      </span>
      <span className="menu-label">{item.label}</span>
      {item.shortcut === undefined ? null : <kbd>{item.shortcut}</kbd>}
    </button>
  );
}
