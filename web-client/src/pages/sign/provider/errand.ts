// What this tab remembers while the browser is at the OpenID provider.
//
// Not the sign-in itself, which the server does. Invariant: the browser comes back to a path of this application.

/** What a sign-in returns to. */
export interface Errand {
  /** A path of this application. */
  path: string;
  /** The token of an invitation; empty: none. */
  invitation: string;
  /** The account that has to sign in; empty: any. */
  accountId: string;
}

const KEY = "gridloom.provider";
const HOME: Errand = { path: "/", invitation: "", accountId: "" };

/** Parses what was remembered; anything malformed leads to the start page. */
export function parseErrand(text: string | null): Errand {
  try {
    const value = { ...HOME, ...(JSON.parse(text ?? "{}") as Partial<Errand>) };
    const isWhole = Object.values(value).every((field) => typeof field === "string");
    return isWhole && isOwnPath(value.path) ? value : HOME;
  } catch {
    return HOME;
  }
}

/** Browsers read `//` and `/\` as the beginning of another server's name. */
function isOwnPath(path: string): boolean {
  return /^\/(?![/\\])/.test(path);
}

/** The path to return to: that of the page, unless it is one of those around signing in. */
export function pathHere({ pathname, search }: Pick<Location, "pathname" | "search">): string {
  return /^\/sign-(in|up)\b/.test(pathname) ? "/" : pathname + search;
}

export function errand(): Errand {
  try {
    return parseErrand(sessionStorage.getItem(KEY));
  } catch {
    return HOME;
  }
}

export function keepErrand(next: Errand): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(next));
  } catch {
    // Without storage the browser returns to the start page.
  }
}
