// Copies to the clipboard during a click or a key press, also on plain http, where `navigator.clipboard` is
// missing.

/** Copies a text; false when the browser refuses. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Missing on plain http, or refused: the copy command may still work.
    return copyByCommand((data) => data.setData("text/plain", text));
  }
}

/** Runs the browser's copy command; `fill` provides the data. False when the browser refuses. */
export function copyByCommand(fill: (data: DataTransfer) => void): boolean {
  let filled = false;
  const put = (event: ClipboardEvent) => {
    if (event.clipboardData !== null) {
      fill(event.clipboardData);
      filled = true;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  addEventListener("copy", put, true);
  try {
    return document.execCommand("copy") && filled;
  } finally {
    removeEventListener("copy", put, true);
  }
}
