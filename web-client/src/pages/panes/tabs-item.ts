// The item of the browser's storage with the sheets that an account has opened lately, as text.
import { readItem, writeItem } from "../../base/storage.ts";

export function tabsItem(accountId: string): string {
  return `gridloom.tabs/${accountId}`;
}

/** Whether a sheet has a tab. */
export function hasTab(accountId: string, id: string): boolean {
  return readItem(tabsItem(accountId))?.includes(`"${id}"`) === true;
}

/** Whether there are several tabs; a name that looks like their form only keeps their place free. */
export function hasTabs(accountId: string): boolean {
  return readItem(tabsItem(accountId))?.includes("},{") === true;
}

/** The account signs out: this browser forgets which sheets it has opened. */
export function forgetTabs(accountId: string): void {
  writeItem(tabsItem(accountId), null);
}
