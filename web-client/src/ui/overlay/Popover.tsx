// A button with a panel below it. The focus moves into the panel and returns to the button; Escape and a click elsewhere
// close it.
import { Popover as Base } from "@base-ui/react/popover";
import { type ReactElement, type ReactNode, type RefObject, useRef } from "react";
import { COVER, FocusHome, focusFirst, useFocusReturn } from "./focus.ts";

const EDGE_PIXELS = 8;

interface PopoverProps {
  label: string;
  testId: string;
  /** The button, without its content. */
  button: ReactElement;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  children: ReactNode;
}

export function Popover({ label, testId, button, open, onOpenChange, children }: PopoverProps) {
  const owner = useRef<HTMLButtonElement>(null);
  return (
    <Base.Root open={open} onOpenChange={(next) => onOpenChange(next)}>
      <Base.Trigger ref={owner} render={button} />
      {open ? <Panel {...{ label, testId, owner, children }} /> : null}
    </Base.Root>
  );
}

interface PanelProps extends Pick<PopoverProps, "label" | "testId" | "children"> {
  owner: RefObject<HTMLButtonElement | null>;
}

function Panel({ label, testId, owner, children }: PanelProps) {
  useFocusReturn(owner);
  return (
    <Base.Portal>
      <Base.Positioner
        className="menu-place"
        align="end"
        sideOffset={4}
        collisionPadding={EDGE_PIXELS}
      >
        <Base.Popup
          ref={focusFirst}
          // The focus moves and returns by the functions of overlay/focus.ts, which do not wait for a frame.
          initialFocus={false}
          finalFocus={false}
          className="popover"
          aria-label={label}
          data-testid={testId}
          {...COVER}
        >
          <FocusHome value={null}>{children}</FocusHome>
        </Base.Popup>
      </Base.Positioner>
    </Base.Portal>
  );
}
