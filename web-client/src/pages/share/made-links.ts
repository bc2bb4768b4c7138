// The addresses of links that this page has made. The server keeps none, so they are gone with the page.
import { linkPath } from "../../base/router.ts";
import type { Link } from "../../gen/gridloom/v1/sharing_pb.ts";

const tokens = new Map<string, string>();

/** Keeps the token of a new link. */
export function keepToken({ id, token }: Link): void {
  tokens.set(id, token);
}

/** The address of a link; `null` where it was shown to the person who made it, and is known no more. */
export function addressOf({ id, token }: Link): string | null {
  const known = token === "" ? tokens.get(id) : token;
  return known === undefined ? null : new URL(linkPath(known), location.origin).href;
}
