// How wide the window is, as far as the page is built differently; the stylesheet has the same widths.
import { useSyncExternalStore } from "react";

function media(query: string): () => boolean {
  const list = matchMedia(query);
  const subscribe = (changed: () => void) => {
    list.addEventListener("change", changed);
    return () => list.removeEventListener("change", changed);
  };
  return () => useSyncExternalStore(subscribe, () => list.matches);
}

/** Whether the window is as narrow as a phone. */
export const useNarrow = media("(max-width: 720px)");

/** Whether more than two sheets have room side by side. */
export const useWide = media("(min-width: 1200px)");
