// Loads the list of sheets: further pages on request, a filter, and changes that show immediately.
import { useCallback, useEffect, useRef, useState } from "react";
import { errorText } from "../../api/errors.ts";
import { sheets as api } from "../../api/transport.ts";
import type { Sheet } from "../../gen/gridloom/v1/sheets_pb.ts";
import { showToast } from "../../ui/toasts.ts";

const PAGE_SIZE = 50;
/** The pause in typing before the list is requested. */
const TYPING_MILLIS = 180;

export interface SheetList {
  sheets: readonly Sheet[];
  /** True until the first answer. */
  loading: boolean;
  /** Why there is no list. */
  problem: string | undefined;
  hasMore: boolean;
  loadMore: () => void;
  reload: () => void;
  rename: (sheet: Sheet, name: string) => void;
  remove: (sheet: Sheet) => void;
}

interface State {
  sheets: readonly Sheet[];
  next: string;
  loading: boolean;
  problem: string | undefined;
}

const START: State = { sheets: [], next: "", loading: true, problem: undefined };

type Load = (pageToken: string) => Promise<void>;

/** Loads the list, and loads it again a moment after the filter has changed. */
function usePages(filter: string): [State, (next: (old: State) => State) => void, Load] {
  const [state, setState] = useState(START);
  // Answers to older requests are dropped: they may arrive after newer ones.
  const asked = useRef(0);

  const load = useCallback(
    async (pageToken: string) => {
      const question = ++asked.current;
      try {
        const answer = await api.listSheets({ pageSize: PAGE_SIZE, pageToken, filter });
        if (question !== asked.current) return;
        setState((old) => ({
          sheets: pageToken === "" ? answer.sheets : [...old.sheets, ...answer.sheets],
          next: answer.nextPageToken,
          loading: false,
          problem: undefined,
        }));
      } catch (error) {
        if (question !== asked.current) return;
        setState((old) => ({ ...old, loading: false, problem: errorText(error) }));
      }
    },
    [filter],
  );

  useEffect(() => {
    const timer = setTimeout(() => void load(""), filter === "" ? 0 : TYPING_MILLIS);
    return () => clearTimeout(timer);
  }, [filter, load]);
  return [state, setState, load];
}

export function useSheets(filter: string): SheetList {
  const [state, setState, load] = usePages(filter);
  const reload = () => void load("");
  const attempt = (work: Promise<unknown>) =>
    work.catch((error) => showToast("error", errorText(error))).then(reload);

  const rename = (sheet: Sheet, name: string) => {
    const renamed = (other: Sheet) => (other.id === sheet.id ? { ...other, name } : other);
    setState((old) => ({ ...old, sheets: old.sheets.map(renamed) }));
    void attempt(api.updateSheet({ sheetId: sheet.id, name, etag: sheet.etag }));
  };

  const restore = (sheet: Sheet) => void attempt(api.undeleteSheet({ sheetId: sheet.id }));

  const remove = (sheet: Sheet) => {
    setState((old) => ({ ...old, sheets: old.sheets.filter((other) => other.id !== sheet.id) }));
    const deleted = api.deleteSheet({ sheetId: sheet.id }).then(() => {
      const undo = { label: "Undo", run: () => restore(sheet) };
      showToast("info", `“${sheet.name}” was deleted.`, undo);
    });
    void attempt(deleted);
  };

  return {
    sheets: state.sheets,
    loading: state.loading,
    problem: state.problem,
    hasMore: state.next !== "",
    loadMore: () => void load(state.next),
    reload,
    rename,
    remove,
  };
}
