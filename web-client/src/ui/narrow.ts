// Whether the window is as narrow as a phone; the stylesheet has the same width.
import { useSyncExternalStore } from "react";

const narrow = matchMedia("(max-width: 720px)");

function subscribe(changed: () => void): () => void {
  narrow.addEventListener("change", changed);
  return () => narrow.removeEventListener("change", changed);
}

export function useNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => narrow.matches);
}
