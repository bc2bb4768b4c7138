// Maps the page's address to a route. Three pages do not need a router package.
import { Store, useStore } from "./store.ts";

export type Route =
  | { page: "sheets" }
  | { page: "sheet"; id: string }
  | { page: "sign-in" }
  | { page: "sign-up" }
  | { page: "unknown" };

/** Parses a path such as `/sheets/0192...`. */
export function parsePath(path: string): Route {
  const parts = path.split("/").filter((part) => part !== "");
  const [first, second] = parts;
  if (first === undefined || (first === "sheets" && parts.length === 1)) return { page: "sheets" };
  if (first === "sheets" && second !== undefined && parts.length === 2) {
    try {
      return { page: "sheet", id: decodeURIComponent(second) };
    } catch {
      return { page: "unknown" };
    }
  }
  if (parts.length === 1 && (first === "sign-in" || first === "sign-up")) return { page: first };
  return { page: "unknown" };
}

/** The path of a sheet's page. */
export function sheetPath(id: string): string {
  return `/sheets/${encodeURIComponent(id)}`;
}

const path = new Store(location.pathname);
addEventListener("popstate", () => path.set(location.pathname));

/** Goes to a path of this application. */
export function navigate(to: string, how: "push" | "replace" = "push"): void {
  if (how === "push") history.pushState(null, "", to);
  else history.replaceState(null, "", to);
  path.set(location.pathname);
}

export function useRoute(): Route {
  return parsePath(useStore(path));
}
