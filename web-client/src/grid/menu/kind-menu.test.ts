// The notes in the menu of kinds: which rows they count, and what an earlier server does not know.
import { expect, test } from "vitest";
import { ColumnKind } from "../../gen/gridloom/v1/values_pb.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import type { MenuItem } from "../../ui/Menu.tsx";
import { kindMenu } from "./kind-menu.ts";

/** A column of a sheet with 100 rows, in which two loaded values are no numbers. */
function itemsOf(loaded: { start: number; count: number }, knowsDays = true): readonly MenuItem[] {
  const sheet = {
    layout: { get: () => ({ columns: [{ kind: ColumnKind.ANY }], rowCount: 100 }) },
    loaded: () => loaded,
    knowsDays: () => knowsDays,
    misfits: (_col: number, kind: ColumnKind) => (kind === ColumnKind.NUMBER ? 2 : 0),
  };
  return kindMenu(sheet as unknown as LiveSheet, 0).groups[0] ?? [];
}

function item(items: readonly MenuItem[], kind: ColumnKind) {
  return items.find(({ testId }) => testId === `kind-${kind}`);
}

test("a count of some rows says that it is of the loaded ones", () => {
  const all = itemsOf({ start: 0, count: 200 });
  expect(item(all, ColumnKind.NUMBER)).toMatchObject({ note: "2 won't fit" });
  const some = itemsOf({ start: 0, count: 50 });
  expect(item(some, ColumnKind.NUMBER)).toMatchObject({ note: "2 of the loaded rows won't fit" });
  expect(item(some, ColumnKind.TEXT)).toMatchObject({ note: undefined, disabled: false });
});

test("an earlier server has no columns of days", () => {
  const items = itemsOf({ start: 0, count: 200 }, false);
  for (const kind of [ColumnKind.DATE, ColumnKind.LOCAL_DATETIME])
    expect(item(items, kind)).toMatchObject({ disabled: true, note: "needs a later server" });
  expect(item(items, ColumnKind.DATETIME)).toMatchObject({ disabled: false });
});
