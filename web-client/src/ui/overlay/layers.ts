// The order of the open dialogs. Escape closes the one on top, also when the others are no part of it.
import { useCallback, useLayoutEffect, useState } from "react";

const layers: object[] = [];

/** Adds the component's dialog on top of the others. Returns a function that is true while it is there. */
export function useLayer(): () => boolean {
  const [layer] = useState(() => ({}));
  // Before the next key: Escape may follow at once where a dialog replaces the one that it was loaded in.
  useLayoutEffect(() => {
    layers.push(layer);
    return () => void layers.splice(layers.indexOf(layer), 1);
  }, [layer]);
  return useCallback(() => layers.at(-1) === layer, [layer]);
}
