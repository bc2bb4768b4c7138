// Puts things on the clipboard from inside a click or a key press, also on plain http, where
// `navigator.clipboard` is missing.

/** True when the text is on the clipboard. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Missing on plain http, or closed by the browser: the old way may still work.
    return copyByCommand((data) => data.setData("text/plain", text));
  }
}

/** The browser's own copy command, which `fill` gives what to copy. */
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
