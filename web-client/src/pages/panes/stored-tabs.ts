// The tabs of an account, stored in this browser and the same in all of its tabs.
//
// Invariant: each change starts from what is stored, so that two tabs of the browser lose none of each other's changes.
// A browser without storage keeps the tabs as long as the page.
import { readItem, writeItem } from "../../base/storage.ts";
import { Store } from "../../base/store.ts";
import { parseTabs, type Tabs } from "./tabs.ts";
import { tabsItem } from "./tabs-item.ts";

export class StoredTabs {
  readonly tabs: Store<Tabs>;
  readonly #item: string;

  constructor(accountId: string) {
    this.#item = tabsItem(accountId);
    this.tabs = new Store(parseTabs(readItem(this.#item)));
  }

  /** Follows the changes of other tabs of the browser; returns a function that stops it. */
  follow(): () => void {
    const onStorage = ({ key }: StorageEvent) => {
      if (key === this.#item) this.tabs.set(parseTabs(readItem(this.#item)));
    };
    addEventListener("storage", onStorage);
    return () => removeEventListener("storage", onStorage);
  }

  change(next: (tabs: Tabs) => Tabs): void {
    const text = readItem(this.#item);
    const stored = text === null ? this.tabs.get() : parseTabs(text);
    const changed = next(stored);
    if (changed !== stored) writeItem(this.#item, JSON.stringify(changed));
    if (changed !== stored || JSON.stringify(stored) !== JSON.stringify(this.tabs.get()))
      this.tabs.set(changed);
  }
}
