// A part of the page that has the keyboard while it is active: one of several sheets side by side.
//
// Invariant: one pane is active, the one that last had the focus or was pressed. Keys without a focus, and the title of
// the window, are those of the active pane alone.
import { createContext, type ReactNode, useContext, useEffect } from "react";
import { Store, useStore } from "../../base/store.ts";

export interface Pane {
  readonly key: string;
  /** The key of the active pane, the same store for all panes of a page. */
  readonly active: Store<string>;
  /** What its content is called; empty until that is known. */
  readonly name: Store<string>;
  /** What the bar of this pane shows before the name. */
  readonly lead: Store<ReactNode>;
  /** What the query of the address is for the first pane: the state that a link can name. */
  readonly query: Store<string>;
}

/** A page without panes is one active pane. */
export const PaneContext = createContext<Pane>({
  key: "",
  active: new Store(""),
  name: new Store(""),
  lead: new Store<ReactNode>(null),
  query: new Store(""),
});

export function usePane(): Pane {
  return useContext(PaneContext);
}

export function isActive({ key, active }: Pane): boolean {
  return active.get() === key;
}

/** Sets the title of the window while the pane around the component is active. */
export function useTitle(title: string): void {
  const { key, active } = usePane();
  const shown = useStore(active) === key;
  useEffect(() => {
    if (shown) document.title = title;
  }, [shown, title]);
}
