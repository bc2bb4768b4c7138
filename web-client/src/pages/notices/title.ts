// The number of unread notices and threads before the title of the window: "(3) Plan · Gridloom".
//
// Pages set their titles as if there was no number; it is added again after each change.
import type { Store } from "../../base/store.ts";

const NUMBER = /^\(\d+\+?\) /;

/** A title with the number. */
export function numbered(title: string, count: number, most: number): string {
  const plain = title.replace(NUMBER, "");
  return count === 0 ? plain : `(${unreadText(count, most)}) ${plain}`;
}

/** "3", or "99+" where the server counts no further. */
export function unreadText(count: number, most: number): string {
  return count >= most ? `${most - 1}+` : String(count);
}

/** Keeps the number in the title. */
export function numberTitle(stores: readonly Store<number>[], most: number): void {
  const apply = () => {
    const count = stores.reduce((sum, store) => sum + store.get(), 0);
    const wanted = numbered(document.title, count, most);
    if (document.title !== wanted) document.title = wanted;
  };
  for (const store of stores) store.subscribe(apply);
  new MutationObserver(apply).observe(document.head, {
    childList: true,
    characterData: true,
    subtree: true,
  });
  apply();
}
