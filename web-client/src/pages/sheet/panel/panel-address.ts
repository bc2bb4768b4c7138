// The side panel in the address, so that a link and the way back lead to its tab:
//
//     ?panel=history, ?panel=chat, ?panel=comments
//     ?comment=THREAD: the tab of the comments, with this comment

const TABS = ["history", "chat", "comments"] as const;
export type PanelTab = (typeof TABS)[number];

/** What the side panel shows. */
export interface PanelPlace {
  /** The open tab; undefined while the panel is closed. */
  tab: PanelTab | undefined;
  /** The thread of the comment that the address names. */
  comment: string | undefined;
}

/** The tab and the comment that the query of an address names. */
export function readPanel(search: string): PanelPlace {
  const query = new URLSearchParams(search);
  const comment = query.get("comment") || undefined;
  const named = query.get("panel");
  const tab = comment === undefined ? TABS.find((tab) => tab === named) : "comments";
  return { tab, comment };
}

/** The query of an address with this tab and this comment; its other parameters stay. */
export function panelQuery(search: string, tab: PanelTab | undefined, comment?: string): string {
  const query = new URLSearchParams(search);
  query.delete("panel");
  query.delete("comment");
  if (comment !== undefined) query.set("comment", comment);
  else if (tab !== undefined) query.set("panel", tab);
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}
