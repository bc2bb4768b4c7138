// The menus themselves: one at a point of the page, one below its button.
//
// What it is not: the button before this part is loaded (see Menu.tsx).
import { Menu as Base } from "@base-ui/react/menu";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { MenuPanel } from "./MenuPanel.tsx";
import type { AnyMenuProps, Early, MenuButtonProps, MenuProps } from "./menu-props.ts";

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

function PointMenu({ at: { x, y }, label, groups, onClose }: MenuProps) {
  const anchor = useMemo(() => ({ getBoundingClientRect: () => new DOMRect(x, y, 0, 0) }), [x, y]);
  useMoves(onClose);
  return (
    <Base.Root open modal={false} onOpenChange={(open) => open || onClose()}>
      <MenuPanel {...{ label, groups, onClose }} place={{ anchor, align: "start" }} />
    </Base.Root>
  );
}

function ButtonMenu({ label, groups, button, asked, focused }: Early & MenuButtonProps) {
  const [open, setOpen] = useState(asked === "pointer");
  const owner = useRef<HTMLButtonElement>(null);
  const early = useRef({ asked, focused });
  useLayoutEffect(() => {
    if (early.current.focused) owner.current?.focus({ preventScroll: true });
    // A click without a pointer is one by a key: the menu opens with its first item chosen.
    if (early.current.asked === "key") owner.current?.click();
    early.current = { asked: undefined, focused: false };
  }, []);
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

export default function AnyMenu(props: AnyMenuProps) {
  return "at" in props ? <PointMenu {...props} /> : <ButtonMenu {...props} />;
}
