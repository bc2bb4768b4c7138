// The short messages at the bottom of the page; screen readers announce each one.
import { useStore } from "../base/store.ts";
import { IconButton } from "./Button.tsx";
import { dismissToast, toasts } from "./toasts.ts";

export function Toasts() {
  const shown = useStore(toasts);
  return (
    <div className="toasts" role="status" aria-live="polite">
      {shown.map((toast) => (
        <div key={toast.id} className={`toast ${toast.look}`} data-testid={`toast-${toast.look}`}>
          <span>{toast.text}</span>
          {toast.action === undefined ? null : (
            <button
              type="button"
              className="toast-action"
              data-testid="toast-action"
              onClick={() => {
                toast.action?.run();
                dismissToast(toast.id);
              }}
            >
              {toast.action.label}
            </button>
          )}
          <IconButton icon="x" label="Dismiss" onClick={() => dismissToast(toast.id)} />
        </div>
      ))}
    </div>
  );
}
