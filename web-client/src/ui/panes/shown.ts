// The panes of the page that is on the screen, for what stands outside of them: notices and short messages.
import { Store } from "../../base/store.ts";
import type { Pane } from "./pane.ts";

/** A pane with its sheet. */
export interface ShownPane extends Pane {
  readonly id: string;
}

/** From the left on; none on a page without sheets. */
export const shownPanes = new Store<readonly ShownPane[]>([]);
