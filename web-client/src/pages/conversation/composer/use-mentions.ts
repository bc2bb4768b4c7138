// The list of people for an @ in a text: what is searched for, what was found, and which of them is marked.
import { useQuery } from "@connectrpc/connect-query";
import { keepPreviousData } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { errorText } from "../../../api/errors.ts";
import { PeopleService, type Person } from "../../../gen/gridloom/v1/people_pb.ts";
import { type Query, queryAt } from "./mentions.ts";

/** People in the list. */
const SHOWN = 8;
/** The pause in typing before people are searched for. */
const PAUSE_MILLIS = 150;
/** How long an answer is used again. */
const FRESH_MILLIS = 30_000;

function usePaused(text: string): string {
  const [paused, setPaused] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setPaused(text), PAUSE_MILLIS);
    return () => clearTimeout(timer);
  }, [text]);
  return paused;
}

/** Whether a person may be an answer to a query. */
function fits({ displayName, email }: Person, query: string): boolean {
  const begins = (text: string) => text.toLowerCase().startsWith(query.toLowerCase());
  return begins(displayName) || begins(email);
}

export interface MentionSearch {
  query: Query | undefined;
  people: readonly Person[];
  problem: string | undefined;
  /** No one was found, and there may be people at whom the search has not looked. */
  leftOut: boolean;
  /** The place of the marked person in the list. */
  marked: number;
  mark: (at: number) => void;
  /** The cursor is at another place, or the text is another one. */
  look: (text: string, cursor: number) => void;
  close: () => void;
}

/** `sheetId`: the sheet whose people are found; undefined: no one is mentioned. `own`: the account of this page. */
export function useMentions(sheetId: string | undefined, own: string): MentionSearch {
  const [query, setQuery] = useState<Query>();
  /** The @ for which the person has closed the list. */
  const [closed, setClosed] = useState<number>();
  const [marked, mark] = useState(0);
  const text = usePaused(query?.text ?? "");
  const found = useQuery(
    PeopleService.method.searchPeople,
    { sheetId: sheetId ?? "", query: text, pageSize: SHOWN },
    { enabled: query !== undefined, staleTime: FRESH_MILLIS, placeholderData: keepPreviousData },
  );
  const look = (whole: string, cursor: number) => {
    const next = sheetId === undefined ? undefined : queryAt(whole, cursor);
    if (next?.at !== closed) setClosed(undefined);
    if (next?.text !== query?.text) mark(0);
    setQuery(next?.at === closed && closed !== undefined ? undefined : next);
  };
  const close = () => {
    setClosed(query?.at);
    setQuery(undefined);
  };
  // Until the answer is there, the list has those of the former one who fit: Enter must not choose another person.
  const isLate = found.isPlaceholderData || text !== query?.text;
  const people = (found.data?.people ?? []).filter(
    (person) => person.accountId !== own && (!isLate || fits(person, query?.text ?? "")),
  );
  const problem = found.error === null ? undefined : errorText(found.error);
  const shown = query === undefined ? [] : people;
  const leftOut = people.length === 0 && !isLate && (found.data?.peopleLeftOut ?? false);
  return { query, people: shown, problem, leftOut, marked, mark, look, close };
}
