// A link to a page of this application. The browser handles a click with a modifier: it opens a tab.
import type { AnchorHTMLAttributes } from "react";
import { Link as Base } from "wouter";

interface LinkProps extends Omit<AnchorHTMLAttributes<HTMLAnchorElement>, "href"> {
  to: string;
  /** A value for the page, which outlives a reload. */
  state?: unknown;
}

export function Link(props: LinkProps) {
  return <Base {...props} />;
}
