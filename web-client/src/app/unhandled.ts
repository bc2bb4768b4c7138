// What nobody has caught reaches the person as a message, not only the console.
import { errorText, isCanceled } from "../api/errors.ts";
import { showToast } from "../ui/toasts.ts";

/** The browser reports a harmless repetition of layout as an error. */
const HARMLESS = /ResizeObserver loop/;

function tell(error: unknown): void {
  if (isCanceled(error) || (error instanceof DOMException && error.name === "AbortError")) return;
  showToast("error", errorText(error));
}

/** Listens for errors and rejections that nobody has caught, as long as the page lives. */
export function tellUnhandled(): void {
  addEventListener("unhandledrejection", (event) => tell(event.reason));
  addEventListener("error", (event) => {
    // Elements that fail to load also end here, without an error.
    if (event.error !== null && event.error !== undefined && !HARMLESS.test(event.message))
      tell(event.error);
  });
}
