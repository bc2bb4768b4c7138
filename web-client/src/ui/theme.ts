// Light, dark, or whatever the system says. The stylesheet does the rest by `data-theme`.
import { readItem, writeItem } from "../base/storage.ts";
import { Store, useStore } from "../base/store.ts";

export type Scheme = "light" | "dark";

/** The same key is read by public/theme.js before the first paint. */
const KEY = "gridloom.theme";
const systemDark = matchMedia("(prefers-color-scheme: dark)");

function chosen(): Scheme | null {
  const value = readItem(KEY);
  return value === "light" || value === "dark" ? value : null;
}

const scheme = new Store<Scheme>(current());

function current(): Scheme {
  return chosen() ?? (systemDark.matches ? "dark" : "light");
}

systemDark.addEventListener("change", () => scheme.set(current()));

/** The scheme in effect. */
export function useScheme(): Scheme {
  return useStore(scheme);
}

/** Switches to the other scheme. Choosing what the system says anyway forgets the choice. */
export function toggleScheme(): void {
  const next: Scheme = scheme.get() === "dark" ? "light" : "dark";
  const follows = (next === "dark") === systemDark.matches;
  writeItem(KEY, follows ? null : next);
  if (follows) delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  scheme.set(next);
}
