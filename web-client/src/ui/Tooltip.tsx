// A short text that names a button: shown under the mouse, and when the keyboard reaches the button.
import { Tooltip as Base } from "@base-ui/react/tooltip";
import type { ReactElement } from "react";
import { hasReturned } from "./overlay/focus.ts";

/** Milliseconds under the mouse until the text is shown. */
const DELAY_MILLIS = 500;

/** After a dialog or a menu, its button is known: a text there would also take the next Escape. */
function onOpenChange(open: boolean, details: Base.Root.ChangeEventDetails): void {
  if (open && hasReturned(details.event)) details.cancel();
}

/** `children`: the button, which has a label of its own for screen readers. */
export function Tooltip({ text, children }: { text: string; children: ReactElement }) {
  return (
    <Base.Root disableHoverablePopup onOpenChange={onOpenChange}>
      <Base.Trigger delay={DELAY_MILLIS} render={children} />
      <Base.Portal>
        <Base.Positioner className="tooltip-place" sideOffset={6} collisionPadding={8}>
          <Base.Popup className="tooltip">{text}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
