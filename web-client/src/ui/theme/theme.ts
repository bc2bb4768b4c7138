// The colour scheme: light, dark, or the system's. The stylesheet applies it by the attribute `data-theme`.
import { readItem, writeItem } from "../../base/storage.ts";
import { Store, useStore } from "../../base/store.ts";

export type Scheme = "light" | "dark";

/** public/theme.js reads the same key before the first paint. */
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

/** The present scheme. */
export function useScheme(): Scheme {
  return useStore(scheme);
}

/** Switches to the other scheme. Choosing the system's scheme removes the stored choice. */
export function toggleScheme(): void {
  const next: Scheme = scheme.get() === "dark" ? "light" : "dark";
  const follows = (next === "dark") === systemDark.matches;
  writeItem(KEY, follows ? null : next);
  if (follows) delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  scheme.set(next);
}
