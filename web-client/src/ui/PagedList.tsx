// A list that loads in pages, and what replaces it: a placeholder, a problem, or the text for an empty list.
//
// Invariant: a problem never removes rows that are already loaded.
import type { ReactNode } from "react";
import { Button } from "./Button.tsx";

/** The state of a list that loads in pages. */
export interface Pages {
  /** True until the first answer. */
  loading: boolean;
  problem: string | undefined;
  hasMore: boolean;
  loadMore: () => void;
  reload: () => void;
}

interface PagedListProps<T> {
  list: Pages;
  items: readonly T[];
  className: string;
  row: (item: T) => ReactNode;
  placeholder: ReactNode;
  empty: ReactNode;
  /** The text before a problem, when there is no row. */
  failed: string;
  more: string;
}

export function PagedList<T>(props: PagedListProps<T>) {
  const { list, items, className, row, placeholder, empty, failed, more } = props;
  if (list.problem !== undefined && items.length === 0)
    return (
      <section className="empty" role="alert">
        <h2>{failed}</h2>
        <p>{list.problem}</p>
        <Button onClick={list.reload}>Try again</Button>
      </section>
    );
  if (list.loading) return placeholder;
  if (items.length === 0) return empty;
  return (
    <>
      {list.problem === undefined ? null : (
        <div className="list-problem" role="alert">
          <p>{list.problem}</p>
          <Button onClick={list.reload}>Try again</Button>
        </div>
      )}
      <ul className={className}>{items.map(row)}</ul>
      {list.hasMore ? (
        <div className="list-foot">
          <Button onClick={list.loadMore}>{more}</Button>
        </div>
      ) : null}
    </>
  );
}
