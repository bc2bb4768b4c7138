// Reads and writes the system clipboard without a clipboard event: for menus, and for cells that must be
// loaded first.
import { copyByCommand } from "../../base/copy.ts";
import type { Clip } from "./clip.ts";

/** The browser's clipboard interface; undefined on pages without https. */
const clipboard: Clipboard | undefined = globalThis.navigator?.clipboard;

/** Puts both forms on the clipboard. False when the browser does not allow it. */
export async function copyToSystem(clip: Clip): Promise<boolean> {
  const blob = (type: string, text: string) => new Blob([text], { type });
  try {
    if (clipboard !== undefined && "ClipboardItem" in globalThis) {
      const item = new ClipboardItem({
        "text/plain": blob("text/plain", clip.text),
        "text/html": blob("text/html", clip.html),
      });
      await clipboard.write([item]);
      return true;
    }
  } catch {
    // Not allowed: the copy command below may still work.
  }
  const fill = (data: DataTransfer) => {
    data.setData("text/plain", clip.text);
    data.setData("text/html", clip.html);
  };
  return copyByCommand(fill);
}

/** The content of the clipboard; undefined when the browser does not allow a script to read it. */
export async function readFromSystem(): Promise<Clip | undefined> {
  try {
    if (clipboard === undefined) return undefined;
    if (typeof clipboard.read !== "function") return { text: await clipboard.readText(), html: "" };
    const clip: Clip = { text: "", html: "" };
    for (const item of await clipboard.read()) {
      const get = async (type: string) =>
        item.types.includes(type) ? (await item.getType(type)).text() : "";
      clip.text ||= await get("text/plain");
      clip.html ||= await get("text/html");
    }
    return clip;
  } catch {
    return undefined;
  }
}
