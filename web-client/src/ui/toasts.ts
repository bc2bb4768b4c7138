// Short messages over the page. Any code may show one; the component `Toasts` renders them.
//
// Invariant: a message that stays is never removed for others: it may have the only copy of a typed text. It ends with
// its account.
import { Toast as Base } from "@base-ui/react/toast";
import { Store } from "../base/store.ts";

export interface ToastData {
  look: "info" | "error";
  action?: { label: string; run: () => void } | undefined;
}

interface Shown {
  id: string;
  text: string;
  stays: boolean;
}

export const SHOWN_MILLIS = 6_000;
/** The most messages at once, besides those that stay: a burst of errors must not cover the sheet. */
const MOST_SHOWN = 4;

export const manager = Base.createToastManager<ToastData>();
/** The messages that are shown, the oldest first. */
export const toasts = new Store<readonly Shown[]>([]);
/** What the component `Toasts` does once it is there; undefined from then on. */
let early: (() => void)[] | undefined = [];
let lastId = 0;

/** The component `Toasts` is there and shows messages. */
export function toastsReady(): void {
  const waiting = early ?? [];
  early = undefined;
  for (const show of waiting) show();
}

function whenReady(show: () => void): void {
  if (early === undefined) show();
  else early.push(show);
}

function drop(id: string): void {
  toasts.set(toasts.get().filter((other) => other.id !== id));
}

/** Closes a message; one that the component does not show yet is not shown. */
function close(id: string): void {
  if (early === undefined) manager.close(id);
  else drop(id);
}

/** Removes all messages, also those that stay: another person may use the page. */
export function clearToasts(): void {
  for (const { id } of toasts.get()) close(id);
}

interface ToastLife {
  /** It stays until it is dismissed. */
  stays?: boolean;
  /** How long it is shown, where that is not the usual time. */
  millis?: number;
  onClose?: (() => void) | undefined;
  /** Receives what closes it early; gives its own end. */
  until?: (close: () => void) => () => void;
}

/** Shows a message for a while, or until it is dismissed. It replaces a message with the same text. */
export function showToast(
  look: ToastData["look"],
  text: string,
  action?: ToastData["action"],
  { stays = false, millis = SHOWN_MILLIS, onClose, until }: ToastLife = {},
): void {
  const others = toasts.get().filter((other) => other.text !== text);
  const surplus = Math.max(0, others.length + 1 - MOST_SHOWN);
  const gone = others.filter((other) => !other.stays).slice(0, surplus);
  const left = others.filter((other) => !gone.includes(other));
  const closed = toasts.get().filter((other) => !left.includes(other));
  const id = `message-${++lastId}`;
  toasts.set([...left, { id, text, stays }]);
  const onGone = () => {
    drop(id);
    onClose?.();
    stop?.();
  };
  const stop = until?.(() => close(id));
  whenReady(() => {
    for (const other of closed) manager.close(other.id);
    if (toasts.get().every((other) => other.id !== id)) return onGone();
    const timeout = stays ? 0 : millis;
    manager.add({ id, title: text, data: { look, action }, timeout, onClose: onGone });
  });
}
