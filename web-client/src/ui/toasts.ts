// Short messages over the page. Any code may show one; the component `Toasts` renders them.
import { Store } from "../base/store.ts";

export interface Toast {
  id: number;
  look: "info" | "error";
  text: string;
  action?: { label: string; run: () => void };
  /** True for a message that stays until it is dismissed: it may have the only copy of a typed text. */
  stays: boolean;
  /** Called when the message disappears. */
  onClose?: () => void;
}

const SHOWN_MILLIS = 6_000;
/** The most messages at once, besides those that stay: a burst of errors must not cover the sheet. */
const MOST_SHOWN = 4;

export const toasts = new Store<readonly Toast[]>([]);
let lastId = 0;

function show(next: readonly Toast[]): void {
  const gone = toasts.get().filter((toast) => !next.includes(toast));
  toasts.set(next);
  for (const toast of gone) toast.onClose?.();
}

export function dismissToast(id: number): void {
  show(toasts.get().filter((toast) => toast.id !== id));
}

/** Shows a message for a while, or until it is dismissed. It replaces a message with the same text. */
export function showToast(
  look: Toast["look"],
  text: string,
  action?: Toast["action"],
  { stays = false, onClose }: { stays?: boolean; onClose?: (() => void) | undefined } = {},
): void {
  const id = ++lastId;
  const others = toasts.get().filter((toast) => toast.text !== text);
  const rest = { ...(action && { action }), ...(onClose && { onClose }) };
  const surplus = Math.max(0, others.length + 1 - MOST_SHOWN);
  const gone = others.filter((toast) => !toast.stays).slice(0, surplus);
  const left = others.filter((toast) => !gone.includes(toast));
  show([...left, { id, look, text, stays, ...rest }]);
  if (!stays) setTimeout(() => dismissToast(id), SHOWN_MILLIS);
}
