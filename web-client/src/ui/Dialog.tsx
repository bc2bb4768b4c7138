// A modal dialog: the focus stays inside, Escape and the cross close it, and the page behind can't be used.
//
// A click beside it does not close it, because a typed text would be lost.
import { Dialog as Base } from "@base-ui/react/dialog";
import type { ReactNode } from "react";
import { IconButton } from "./Button.tsx";
import { COVER, FocusHome, focusFirst, useFocusReturn } from "./overlay/focus.ts";
import { useLayer } from "./overlay/layers.ts";

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
  testId?: string | undefined;
  wide?: boolean;
}

export function Dialog({ title, onClose, children, testId, wide = false }: DialogProps) {
  const isOnTop = useLayer();
  useFocusReturn();
  const onOpenChange = (_: boolean, details: Base.Root.ChangeEventDetails) => {
    if (isOnTop()) onClose();
    else details.cancel();
  };
  return (
    <Base.Root open onOpenChange={onOpenChange} disablePointerDismissal>
      <Base.Portal>
        <Base.Backdrop className="backdrop" />
        <Base.Viewport className="dialog-place">
          <Base.Popup
            ref={focusFirst}
            // The focus moves and returns by the functions of overlay/focus.ts, which do not wait for a frame.
            initialFocus={false}
            finalFocus={false}
            className={wide ? "dialog wide" : "dialog"}
            data-testid={testId}
            {...COVER}
          >
            <header className="dialog-head">
              <Base.Title>{title}</Base.Title>
              <IconButton icon="x" label="Close" onClick={onClose} />
            </header>
            <FocusHome value={null}>{children}</FocusHome>
          </Base.Popup>
        </Base.Viewport>
      </Base.Portal>
    </Base.Root>
  );
}
