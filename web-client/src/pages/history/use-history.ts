// Loads the changes of a sheet, newest first: further pages on request, and new changes as they happen.
import { useCallback, useEffect, useRef, useState } from "react";
import { errorText } from "../../api/errors.ts";
import { sheets as api } from "../../api/transport.ts";
import type { ChangeRecord } from "../../gen/gridloom/v1/history_pb.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";

const PAGE_SIZE = 50;
/** The shortest time between two requests for the newest changes. */
const REFRESH_MILLIS = 1_000;

export interface History {
  changes: readonly ChangeRecord[];
  /** True until the first answer. */
  loading: boolean;
  problem: string | undefined;
  hasMore: boolean;
  loadMore: () => void;
  reload: () => void;
}

interface State {
  changes: readonly ChangeRecord[];
  next: string;
  loading: boolean;
  problem: string | undefined;
}

const START: State = { changes: [], next: "", loading: true, problem: undefined };

/** The changes of `known` that continue `newest` without a gap; none if there is a gap. */
function olderThan(
  newest: readonly ChangeRecord[],
  known: readonly ChangeRecord[],
): readonly ChangeRecord[] {
  const last = newest.at(-1)?.revision;
  const first = known.at(0)?.revision;
  if (last === undefined || first === undefined || last > first + 1n) return [];
  return known.filter(({ revision }) => revision < last);
}

export function useHistory(id: string, sheet: LiveSheet): History {
  const [state, setState] = useState(START);
  // Answers to older requests are dropped: they may arrive after newer ones.
  const asked = useRef(0);

  const load = useCallback(
    async (pageToken: string) => {
      const question = ++asked.current;
      try {
        const answer = await api.listChanges({ sheetId: id, pageSize: PAGE_SIZE, pageToken });
        if (question !== asked.current) return;
        const { changes, nextPageToken: next } = answer;
        const done = { loading: false, problem: undefined };
        setState((old) => {
          if (pageToken !== "") return { changes: [...old.changes, ...changes], next, ...done };
          const older = olderThan(changes, old.changes);
          // The pages that were loaded stay, and so does the token of the next one.
          return older.length > 0
            ? { changes: [...changes, ...older], next: old.next, ...done }
            : { changes, next, ...done };
        });
      } catch (error) {
        if (question !== asked.current) return;
        setState((old) => ({ ...old, loading: false, problem: errorText(error) }));
      }
    },
    [id],
  );

  useEffect(() => {
    void load("");
    let timer: ReturnType<typeof setTimeout> | undefined;
    // Any visible change may be a new revision; one request covers many of them.
    const unsubscribe = sheet.version.subscribe(() => {
      timer ??= setTimeout(() => {
        timer = undefined;
        void load("");
      }, REFRESH_MILLIS);
    });
    return () => {
      clearTimeout(timer);
      unsubscribe();
      asked.current++;
    };
  }, [load, sheet]);

  const { next } = state;
  return {
    ...state,
    hasMore: next !== "",
    loadMore: useCallback(() => void load(next), [load, next]),
    reload: useCallback(() => void load(""), [load]),
  };
}
