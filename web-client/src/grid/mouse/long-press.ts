// A long press on a touch screen opens the menu of a cell or a column, also in browsers that send no event for it.
//
// Invariant: one press opens one menu, whether the browser, this file or the grid notices it first.
import { type RefObject, useEffect } from "react";

/** Milliseconds until a press is long. */
const LONG_MILLIS = 500;
/** A finger that moves farther than this scrolls. */
const MOVE_PIXELS = 10;

/** Sends the event of a right click to the place of a long press. */
export function useLongPress(area: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const element = area.current;
    if (element === null) return undefined;
    return new LongPress(element).listen();
  }, [area]);
}

class LongPress {
  readonly #element: HTMLElement;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #start = { x: 0, y: 0 };
  /** True from the menu of a press until the finger is lifted. */
  #opened = false;

  constructor(element: HTMLElement) {
    this.#element = element;
  }

  listen(): () => void {
    const listeners: [string, (event: Event) => void][] = [
      ["pointerdown", (event) => this.#begin(event as PointerEvent)],
      ["pointermove", (event) => this.#move(event as PointerEvent)],
      ["pointerup", () => this.#end()],
      ["pointercancel", () => this.#end()],
      ["contextmenu", (event) => this.#menu(event)],
    ];
    for (const [type, listener] of listeners) this.#element.addEventListener(type, listener, true);
    return () => {
      this.#cancel();
      for (const [type, listener] of listeners)
        this.#element.removeEventListener(type, listener, true);
    };
  }

  #cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #end(): void {
    this.#cancel();
    this.#opened = false;
  }

  #begin({ pointerType, isPrimary, clientX, clientY, target }: PointerEvent): void {
    this.#end();
    // The text field of a cell has the browser's own menu.
    if (pointerType !== "touch" || !isPrimary || !(target instanceof Element)) return;
    if (target.closest("textarea, input") !== null) return;
    this.#start = { x: clientX, y: clientY };
    this.#timer = setTimeout(() => {
      const point = { clientX, clientY, bubbles: true, cancelable: true };
      target.dispatchEvent(new MouseEvent("contextmenu", point));
    }, LONG_MILLIS);
  }

  #move({ clientX, clientY }: PointerEvent): void {
    const { x, y } = this.#start;
    if (Math.hypot(clientX - x, clientY - y) > MOVE_PIXELS) this.#cancel();
  }

  #menu(event: Event): void {
    if (this.#opened) {
      event.preventDefault();
      event.stopPropagation();
    }
    // A right click and the menu key have no press under way.
    this.#opened ||= this.#timer !== undefined;
    this.#cancel();
  }
}
