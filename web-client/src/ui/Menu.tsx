// Menus: one at a point of the page, one below its button. Arrow keys and the first letters move, Enter chooses,
// Escape and a click elsewhere close.
import { Menu as Base } from "@base-ui/react/menu";
import { type ReactElement, useEffect, useMemo, useRef, useState } from "react";
import { type MenuGroups, MenuPanel } from "./overlay/MenuPanel.tsx";

export type { MenuGroups, MenuItem, Submenu } from "./overlay/MenuPanel.tsx";

interface MenuProps {
  at: { x: number; y: number };
  label: string;
  groups: MenuGroups;
  onClose: () => void;
}

/** Closes the menu when its point of the page moves away below it. */
function useMoves(onClose: () => void): void {
  useEffect(() => {
    const onWheel = ({ target }: Event) => {
      if (!(target instanceof Element && target.closest(".menu-place"))) onClose();
    };
    addEventListener("wheel", onWheel, { passive: true });
    addEventListener("resize", onClose);
    return () => {
      removeEventListener("wheel", onWheel);
      removeEventListener("resize", onClose);
    };
  }, [onClose]);
}

/** A menu that is open at a point while it is mounted. */
export function Menu({ at: { x, y }, label, groups, onClose }: MenuProps) {
  const anchor = useMemo(() => ({ getBoundingClientRect: () => new DOMRect(x, y, 0, 0) }), [x, y]);
  useMoves(onClose);
  return (
    <Base.Root open modal={false} onOpenChange={(open) => open || onClose()}>
      <MenuPanel {...{ label, groups, onClose }} place={{ anchor, align: "start" }} />
    </Base.Root>
  );
}

interface MenuButtonProps {
  label: string;
  groups: MenuGroups;
  /** The button, without its content. */
  button: ReactElement;
}

/** A button with a menu below it. */
export function MenuButton({ label, groups, button }: MenuButtonProps) {
  const [open, setOpen] = useState(false);
  const owner = useRef<HTMLButtonElement>(null);
  return (
    <Base.Root open={open} modal={false} onOpenChange={(next) => setOpen(next)}>
      <Base.Trigger ref={owner} render={button} />
      {open ? (
        <MenuPanel
          {...{ label, groups, owner }}
          onClose={() => setOpen(false)}
          place={{ align: "end", sideOffset: 4 }}
        />
      ) : null}
    </Base.Root>
  );
}
