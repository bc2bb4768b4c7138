// Shows uncaught errors to the person, not only in the console.
import { errorText, isCanceled } from "../api/errors.ts";
import { showToast } from "../ui/toasts.ts";

/** Browsers report a repeated layout as an error, which is harmless. */
const HARMLESS = /ResizeObserver loop/;

function report(error: unknown): void {
  if (isCanceled(error) || (error instanceof DOMException && error.name === "AbortError")) return;
  showToast("error", errorText(error));
}

/** Listens for uncaught errors and rejections, for the lifetime of the page. */
export function reportUnhandled(): void {
  addEventListener("unhandledrejection", (event) => report(event.reason));
  addEventListener("error", (event) => {
    // Elements that fail to load cause this event, too, without an error.
    if (event.error !== null && event.error !== undefined && !HARMLESS.test(event.message))
      report(event.error);
  });
}
