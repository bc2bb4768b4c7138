// The short messages at the bottom of the page, above an open dialog. Screen readers announce each one, F6 reaches
// them, and none disappears while the mouse or the keyboard is on it.
import { Toast as Base } from "@base-ui/react/toast";
import { useEffect } from "react";
import { IconButton } from "./Button.tsx";
import { manager, SHOWN_MILLIS, type ToastData, toastsReady } from "./toasts.ts";

/** CSS pixels between the messages and a dialog. */
const GAP = 16;
/** The most of the page's height that they take from a dialog. */
const MOST = "40vh";

/** Notes the height of the messages, below which a dialog begins, up to a part of the page. */
function noteHeight(element: HTMLElement | null): (() => void) | undefined {
  if (element === null) return undefined;
  const { style } = document.documentElement;
  const note = () => {
    const height = element.offsetHeight;
    style.setProperty("--toasts", height === 0 ? "0px" : `min(${height + GAP}px, ${MOST})`);
  };
  const observer = new ResizeObserver(note);
  observer.observe(element);
  return () => {
    observer.disconnect();
    style.removeProperty("--toasts");
  };
}

export default function Toasts() {
  useEffect(toastsReady, []);
  return (
    // The number of messages has its limit in toasts.ts, which knows those that stay.
    <Base.Provider toastManager={manager} timeout={SHOWN_MILLIS} limit={Number.MAX_SAFE_INTEGER}>
      <Base.Portal>
        <Base.Viewport className="toasts" ref={noteHeight}>
          <List />
        </Base.Viewport>
      </Base.Portal>
    </Base.Provider>
  );
}

function List() {
  const { toasts, close } = Base.useToastManager<ToastData>();
  return toasts.toReversed().map((toast) => {
    const { look, action } = toast.data ?? { look: "info" };
    return (
      <Base.Root
        key={toast.id}
        toast={toast}
        className={`toast ${look}`}
        data-testid={`toast-${look}`}
      >
        <Base.Title render={<span />} />
        {action === undefined ? null : (
          <Base.Action
            className="toast-action"
            data-testid="toast-action"
            onClick={() => {
              action.run();
              close(toast.id);
            }}
          >
            {action.label}
          </Base.Action>
        )}
        <Base.Close render={<IconButton icon="x" label="Dismiss" />} />
      </Base.Root>
    );
  });
}
