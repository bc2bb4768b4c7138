// Short messages over the page. Anybody may add one; `Toasts` shows them.
import { Store } from "../app/store.ts";

export interface Toast {
  id: number;
  look: "info" | "error";
  text: string;
  action?: { label: string; run: () => void };
}

const SHOWN_MILLIS = 6_000;
/** At most this many at once: a burst of errors must not cover the sheet. */
const MOST_SHOWN = 4;

export const toasts = new Store<readonly Toast[]>([]);
let lastId = 0;

export function dismissToast(id: number): void {
  toasts.set(toasts.get().filter((toast) => toast.id !== id));
}

/** Shows a message for a while. The same text is not stacked. */
export function showToast(look: Toast["look"], text: string, action?: Toast["action"]): void {
  const id = ++lastId;
  const others = toasts.get().filter((toast) => toast.text !== text);
  const toast: Toast = action === undefined ? { id, look, text } : { id, look, text, action };
  toasts.set([...others, toast].slice(-MOST_SHOWN));
  setTimeout(() => dismissToast(id), SHOWN_MILLIS);
}
