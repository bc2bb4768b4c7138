// Loads where the changes of a history took place: the deltas of small changes, each once.
//
// Invariant: a delta is not kept, and that of a large change is not asked for.
import { callUnaryMethod, useTransport } from "@connectrpc/connect-query";
import { useEffect, useRef, useState } from "react";
import type { ChangeRecord } from "../../../gen/gridloom/v1/history_pb.ts";
import { SheetService } from "../../../gen/gridloom/v1/sheets_pb.ts";
import { type Places, placesOf } from "./delta-places.ts";

/** A change of more cells has their number in place of their names. */
export const CELLS_MOST = 500;

/** Changes without a gap between them. */
export interface Span {
  fromMicros: bigint;
  untilMicros: bigint;
  revisions: readonly bigint[];
}

/** The spans of changes that are small and not known yet; `changes`: the newest first. */
export function spansOf(
  changes: readonly ChangeRecord[],
  isKnown: (revision: bigint) => boolean,
): Span[] {
  const spans: ChangeRecord[][] = [[]];
  for (const change of changes)
    if (change.cellsSet <= CELLS_MOST && !isKnown(change.revision)) spans.at(-1)?.push(change);
    else spans.push([]);
  return spans.flatMap((span) => {
    const [newest, oldest] = [span.at(0), span.at(-1)];
    if (newest === undefined || oldest === undefined) return [];
    const revisions = span.map(({ revision }) => revision);
    return [{ fromMicros: oldest.timeMicros, untilMicros: newest.timeMicros + 1n, revisions }];
  });
}

/** By revision, as far as they are loaded. */
export type KnownPlaces = ReadonlyMap<bigint, Places>;

export function usePlaces(sheetId: string, changes: readonly ChangeRecord[]): KnownPlaces {
  const transport = useTransport();
  const [known, setKnown] = useState<KnownPlaces>(new Map());
  const asked = useRef(new Set<bigint>());
  useEffect(() => {
    const load = async ({ fromMicros, untilMicros, revisions }: Span) => {
      const wanted = { sheetId, fromMicros, untilMicros, includeDeltas: true };
      let left = revisions.length;
      let pageToken = "";
      // An answer ends where a message is full.
      do {
        const input = { ...wanted, pageSize: left, pageToken };
        const answer = await callUnaryMethod(transport, SheetService.method.listChanges, input);
        const found = answer.changes.flatMap(({ revision, delta }): [bigint, Places][] =>
          delta === undefined ? [] : [[revision, placesOf(delta)]],
        );
        setKnown((before) => new Map([...before, ...found]));
        left -= answer.changes.length;
        pageToken = answer.nextPageToken;
      } while (pageToken !== "" && left > 0);
    };
    for (const span of spansOf(changes, (revision) => asked.current.has(revision))) {
      for (const revision of span.revisions) asked.current.add(revision);
      // Without an answer the changes have their numbers, until the list is next loaded.
      load(span).catch(() => {
        for (const revision of span.revisions) asked.current.delete(revision);
      });
    }
  }, [transport, sheetId, changes]);
  return known;
}
