// The notes in the menu of kinds: which rows they count, and what an earlier server does not know.
import { expect, test, vi } from "vitest";
import { ColumnKind } from "../../gen/gridloom/v1/values_pb.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import type { MenuItem } from "../../ui/Menu.tsx";
import { kindMenu, settingsItem } from "./kind-menu.ts";

const columnSettings = vi.fn();
const convertColumn = vi.fn();
const edit = vi.fn(() => false);

/** A column of a sheet with 100 rows, in which two loaded values are no numbers. */
function itemsOf(
  loaded: { start: number; count: number },
  knows = (_: ColumnKind) => true,
  options: string[] = [],
  { id = "c", reachable = true } = {},
): readonly MenuItem[] {
  const sheet = {
    layout: {
      get: () => ({
        columns: [{ id, kind: ColumnKind.ANY, settings: { options } }],
        rowCount: 100,
      }),
    },
    loaded: () => loaded,
    isReachable: () => reachable,
    edit,
    knowsKind: knows,
    misfits: (_col: number, kind: ColumnKind) => (kind === ColumnKind.NUMBER ? 2 : 0),
  };
  return (
    kindMenu(sheet as unknown as LiveSheet, 0, { columnSettings, convertColumn }).groups[0] ?? []
  );
}

function item(items: readonly MenuItem[], kind: ColumnKind) {
  return items.find(({ testId }) => testId === `kind-${kind}`);
}

test("a count of some rows says that it is of the loaded ones", () => {
  const all = itemsOf({ start: 0, count: 200 });
  expect(item(all, ColumnKind.NUMBER)).toMatchObject({ note: "2 values to convert" });
  const some = itemsOf({ start: 0, count: 50 });
  expect(item(some, ColumnKind.NUMBER)).toMatchObject({
    note: "2 of the loaded values to convert",
  });
  expect(item(some, ColumnKind.TEXT)).toMatchObject({ note: undefined, disabled: false });
});

test("without a conversion the values will not fit", () => {
  const items = itemsOf({ start: 0, count: 200 }, () => true, [], { reachable: false });
  expect(item(items, ColumnKind.NUMBER)).toMatchObject({ note: "2 values won't fit" });
});

test("a kind that an earlier server does not know can't be chosen", () => {
  const items = itemsOf({ start: 0, count: 200 }, (kind) => kind <= ColumnKind.DATETIME);
  for (const kind of [ColumnKind.DATE, ColumnKind.LOCAL_DATETIME, ColumnKind.CHOICE])
    expect(item(items, kind)).toMatchObject({ disabled: true, note: "needs a later server" });
  expect(item(items, ColumnKind.DATETIME)).toMatchObject({ disabled: false });
});

test("a list without options opens the settings of the column", () => {
  const choose = (options: string[]) => {
    const chosen = item(
      itemsOf({ start: 0, count: 200 }, () => true, options),
      ColumnKind.CHOICE,
    );
    return chosen !== undefined && "run" in chosen ? chosen : undefined;
  };
  choose([])?.run();
  expect(columnSettings).toHaveBeenCalledWith(0, ColumnKind.CHOICE);
  expect(choose(["a"])?.note).toBeUndefined();
});

test("values that may not fit open the dialog of a conversion, if the server knows the column", () => {
  const all = { start: 0, count: 200 };
  const choose = (kind: ColumnKind, loaded = all, more = {}) => {
    const chosen = item(
      itemsOf(loaded, () => true, [], more),
      kind,
    );
    convertColumn.mockClear();
    edit.mockClear();
    if (chosen !== undefined && "run" in chosen) chosen.run();
    return [convertColumn.mock.calls.length, edit.mock.calls.length];
  };
  expect(choose(ColumnKind.NUMBER)).toEqual([1, 0]);
  expect(choose(ColumnKind.TEXT)).toEqual([0, 1]);
  expect(choose(ColumnKind.TEXT, { start: 0, count: 50 })).toEqual([1, 0]);
  expect(choose(ColumnKind.NUMBER, all, { id: "" })).toEqual([0, 1]);
  expect(choose(ColumnKind.NUMBER, all, { reachable: false })).toEqual([0, 1]);
});

test("settings that an earlier server does not know can't be opened", () => {
  const itemAt = (knows: boolean) => {
    const sheet = { knowsKind: () => knows } as unknown as LiveSheet;
    return settingsItem(sheet, 3, { columnSettings });
  };
  expect(itemAt(false)).toMatchObject({ disabled: true, note: "needs a later server" });
  const known = itemAt(true);
  expect(known).toMatchObject({ disabled: false, note: undefined });
  columnSettings.mockClear();
  if ("run" in known) known.run();
  expect(columnSettings).toHaveBeenCalledWith(3);
});
