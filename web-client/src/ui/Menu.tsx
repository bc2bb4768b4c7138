// Menus: one at a point of the page, one below its button. Arrow keys and the first letters move, Enter chooses,
// Escape and a click elsewhere close.
//
// What opens loads after the first paint. A button that is pressed before opens its menu once that is there.
import { type ComponentType, cloneElement, useEffect, useRef, useState } from "react";
import { Store, useStore } from "../base/store.ts";
import type { AnyMenuProps, Early, MenuButtonProps, MenuProps } from "./overlay/menu-props.ts";
import { LazyPart } from "./Part.tsx";
import { showToast } from "./toasts.ts";

export type { MenuGroups, MenuItem, Submenu } from "./overlay/MenuPanel.tsx";

const part = new LazyPart<AnyMenuProps>(() => import("./overlay/AnyMenu.tsx"));
const loaded = new Store<{ Content?: ComponentType<AnyMenuProps> }>({});

async function load(): Promise<void> {
  loaded.set({ Content: await part.fetch() });
}

/** Loads the menus ahead of time. */
export function loadMenus(): void {
  load().catch(() => undefined);
}

/** Loads the menus for a person who waits for one. */
function loadNow(onFailed: () => void): void {
  load().catch(() => {
    showToast("error", "The menu could not be loaded. Try again.");
    onFailed();
  });
}

export function Menu(props: MenuProps) {
  const { Content } = useStore(loaded);
  const { onClose } = props;
  const isMissing = Content === undefined;
  useEffect(() => {
    if (isMissing) loadNow(onClose);
  }, [isMissing, onClose]);
  return Content === undefined ? null : <Content {...props} />;
}

export function MenuButton(props: MenuButtonProps) {
  const { Content } = useStore(loaded);
  const [asked, setAsked] = useState<Early["asked"]>();
  const early = useRef<HTMLButtonElement>(null);
  if (Content === undefined)
    return cloneElement(props.button, {
      ref: early,
      "aria-haspopup": "menu",
      onClick: ({ detail }) => {
        setAsked(detail === 0 ? "key" : "pointer");
        loadNow(() => setAsked(undefined));
      },
    });
  // The button is another element once its menu is there.
  const focused = early.current !== null && document.activeElement === early.current;
  return <Content {...props} asked={asked} focused={focused} />;
}
