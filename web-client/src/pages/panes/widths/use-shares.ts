// The widths of the panes: kept in this browser for each number of panes, and set on the element around the panes.
import { useEffect } from "react";
import { Store, useStore } from "../../../base/store.ts";
import { type Shares, storedShares, storeShares } from "./shares.ts";

export interface Widths {
  shares: Shares;
  /** Sets other shares; `keep`: also for the next time. */
  set: (shares: Shares, keep: boolean) => void;
}

/** The shares by the number of panes. All dividers of the page use the same. */
const stores = new Map<number, Store<Shares>>();

function storeFor(count: number): Store<Shares> {
  const found = stores.get(count) ?? new Store(storedShares(count));
  stores.set(count, found);
  return found;
}

export function useShares(count: number): Widths {
  const store = storeFor(count);
  const shares = useStore(store);
  useEffect(() => {
    const element = document.querySelector<HTMLElement>(".panes");
    if (element === null) return undefined;
    element.style.gridTemplateColumns = shares.map((share) => `minmax(0, ${share}fr)`).join(" ");
    return () => {
      element.style.gridTemplateColumns = "";
    };
  }, [shares]);
  const set = (next: Shares, keep: boolean) => {
    store.set(next);
    if (keep) storeShares(next);
  };
  return { shares, set };
}
