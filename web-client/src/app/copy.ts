// Puts text on the clipboard, also on plain http, where `navigator.clipboard` is missing.

/** True when the text is on the clipboard. Only works inside a click or a key press. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Missing on plain http, or closed by the browser: the old way may still work.
    return copyByCommand(text);
  }
}

function copyByCommand(text: string): boolean {
  const put = (event: ClipboardEvent) => {
    event.clipboardData?.setData("text/plain", text);
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  addEventListener("copy", put, true);
  try {
    return document.execCommand("copy");
  } finally {
    removeEventListener("copy", put, true);
  }
}
