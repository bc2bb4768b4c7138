// What is below the text field of a cell: the options of its column, which load later, and why the column refuses a text.
import type { Item } from "@glideapps/glide-data-grid";
import { type RefObject, useEffect, useLayoutEffect } from "react";
import { useStore } from "../../base/store.ts";
import { type Column, ColumnKind } from "../../gen/gridloom/v1/values_pb.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { LazyPart, Part } from "../../ui/Part.tsx";
import type { ListKeys } from "../choice/ChoiceList.tsx";
import type { Entry } from "./entry.ts";

const ChoiceList = new LazyPart(() => import("../choice/ChoiceList.tsx"));
const LISTS: readonly ColumnKind[] = [ColumnKind.CHOICE, ColumnKind.CHOICES];

interface EntryAidProps {
  sheet: LiveSheet;
  entry: Entry;
  field: RefObject<HTMLTextAreaElement | null>;
  cursor: Item;
  aid: RefObject<HTMLDivElement | null>;
  /** The list puts its keys here. */
  keys: RefObject<ListKeys | undefined>;
  /** The list has replaced the text in the field. */
  onReplace: () => void;
  /** Moves this part below the field. */
  place: () => void;
}

/** The column of the open cell, where it has options. */
function useList({ sheet, entry, cursor }: EntryAidProps): Column | undefined {
  const { columns } = useStore(sheet.layout);
  const isOpen = ["typing", "editing"].includes(useStore(entry.mode));
  const hasLists = columns.some(({ kind }) => LISTS.includes(kind));
  useEffect(() => {
    if (hasLists) ChoiceList.preload();
  }, [hasLists]);
  const column = columns[(entry.at() ?? cursor)[0]];
  return isOpen && column !== undefined && LISTS.includes(column.kind) ? column : undefined;
}

const nothing = () => null;

export function EntryAid(props: EntryAidProps) {
  const { entry, field, aid, keys, onReplace, place } = props;
  const refusal = useStore(entry.refusal);
  const column = useList(props);
  useLayoutEffect(() => {
    if (aid.current !== null) place();
  });
  if (column === undefined && refusal === undefined) return null;
  const given = {
    options: column?.settings?.options ?? [],
    several: column?.kind === ColumnKind.CHOICES,
    text: entry.text,
    isOpened: entry.mode.get() === "editing" && entry.text === entry.opened,
    field,
    keys,
    replace: (text: string) => {
      entry.replace(text);
      onReplace();
    },
    commit: () => void entry.commit(),
  };
  return (
    <div ref={aid} className="entry-aid">
      {refusal === undefined ? null : (
        <p role="alert" className="entry-refusal" data-testid="entry-refusal">
          Does not fit: {refusal}. Esc discards the text.
        </p>
      )}
      {column === undefined ? null : <Part part={ChoiceList} given={given} frame={nothing} />}
    </div>
  );
}
