// Loads a part of the page when the page is idle, so that it also opens while the server is unavailable.
import { useEffect } from "react";

/** `preload`: the same function at each render. */
export function usePreload(preload: () => void): void {
  useEffect(() => {
    if (typeof requestIdleCallback === "undefined") return undefined;
    const idle = requestIdleCallback(preload);
    return () => cancelIdleCallback(idle);
  }, [preload]);
}
