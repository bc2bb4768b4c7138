// Two persons change the settings of one column: only what each has changed is applied, and options keep their identity.
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import {
  ColumnKind,
  ColumnSchema,
  type ColumnSettingsSchema,
} from "../../../gen/gridloom/v1/values_pb.ts";
import { draftOf, settingsOf } from "./draft.ts";
import { added, moved, type OptionEntry, optionsOf } from "./options.ts";
import { bothText, changedSettings, rebased } from "./rebase.ts";

function columnOf(kind: ColumnKind, settings: MessageInitShape<typeof ColumnSettingsSchema> = {}) {
  return draftOf(create(ColumnSchema, { kind, settings }));
}

const listOf = (options: string[]) => columnOf(ColumnKind.CHOICE, { options });

/** The options after a person has edited `before`, and others have left `now`. */
function merge(
  before: string[],
  edit: (entries: readonly OptionEntry[]) => readonly OptionEntry[],
  now: string[],
) {
  const opened = listOf(before);
  const draft = { ...opened, options: edit(opened.options) };
  const { draft: next, both } = rebased(opened, draft, listOf(now));
  return { options: optionsOf(next.options), next, both };
}

const without = (text: string) => (entries: readonly OptionEntry[]) =>
  entries.filter((entry) => entry.text !== text);
const renamed = (from: string, to: string) => (entries: readonly OptionEntry[]) =>
  entries.map((entry) => (entry.text === from ? { ...entry, text: to } : entry));
const up = (text: string) => (entries: readonly OptionEntry[]) =>
  moved(entries, entries.find((entry) => entry.text === text)?.id ?? 0, -1);

test("a field that the person has not changed is as others have left it", () => {
  const opened = columnOf(ColumnKind.NUMBER, { decimals: 2 });
  const draft = { ...opened, thousands: true };
  const now = columnOf(ColumnKind.NUMBER, { decimals: 3, locale: "de", refuse: true });
  const { draft: next, both } = rebased(opened, draft, now);
  expect(both).toEqual([]);
  expect(settingsOf(next)).toMatchObject({
    decimals: 3,
    thousands: true,
    locale: "de",
    refuse: true,
  });
});

test("a kind of others that does not use what the person has changed is a conflict", () => {
  const opened = columnOf(ColumnKind.NUMBER, { decimals: 2 });
  const now = columnOf(ColumnKind.TEXT, { decimals: 2 });
  const mine = rebased(opened, { ...opened, decimals: "3" }, now);
  expect(mine.both).toEqual(["Kind"]);
  expect(mine.draft).toMatchObject({ kind: ColumnKind.NUMBER, decimals: "3" });
  const again = rebased(now, mine.draft, now);
  expect([again.both, again.draft.kind]).toEqual([[], ColumnKind.NUMBER]);
  // What each kind uses is no conflict, and neither is nothing.
  for (const part of [{ refuse: true }, {}]) {
    const theirs = rebased(opened, { ...opened, ...part }, now);
    expect([theirs.both, theirs.draft.kind]).toEqual([[], ColumnKind.TEXT]);
  }
});

test("a field that both have changed is named, unless they agree; the second time it is the person's", () => {
  const opened = columnOf(ColumnKind.NUMBER);
  const draft = { ...opened, kind: ColumnKind.DATE, decimals: "2", refuse: true };
  const now = columnOf(ColumnKind.TEXT, { decimals: 3, refuse: true });
  const { draft: next, both } = rebased(opened, draft, now);
  expect(both).toEqual(["Kind", "Decimals"]);
  expect(bothText(both)).toContain("“Kind”, “Decimals”");
  const again = rebased(now, next, now);
  expect(again.both).toEqual([]);
  expect(again.draft).toMatchObject({ kind: ColumnKind.DATE, decimals: "2", refuse: true });
});

test("a unit and its symbol are one choice", () => {
  const opened = columnOf(ColumnKind.NUMBER, { unit: { case: "currency", value: "EUR" } });
  const now = columnOf(ColumnKind.NUMBER, { unit: { case: "percent", value: true } });
  const { draft, both } = rebased(opened, { ...opened, currency: "USD" }, now);
  expect([draft.unit, draft.currency, both]).toEqual(["currency", "USD", ["Show as"]]);
  expect(rebased(opened, opened, now).draft.unit).toBe("percent");
});

test("options that either side has added, removed, renamed or moved are merged", () => {
  const none = (entries: readonly OptionEntry[]) => entries;
  const add = (text: string) => (entries: readonly OptionEntry[]) => added(entries, [text]);
  const results = [
    merge(["a", "b"], none, ["b", "c"]),
    merge(["a", "b"], add("c"), ["a", "b"]),
    merge(["a", "b"], add("c"), ["a", "b", "d"]),
    merge(["a", "b"], add("c"), ["a", "c", "b"]),
    merge(["a", "b"], without("a"), ["a", "b", "c"]),
    merge(["a", "b"], add("c"), ["b"]),
    merge(["a", "b", "c"], renamed("a", "x"), ["a", "c"]),
    merge(["a", "b", "c"], renamed("a", "x"), ["c", "b", "a"]),
    merge(["a", "b", "c"], up("c"), ["a", "d", "b", "c"]),
  ];
  expect(results.map(({ options }) => options.join())).toEqual([
    "b,c",
    "a,b,c",
    "a,b,d,c",
    "a,c,b",
    "b,c",
    "b,c",
    "x,c",
    "c,b,x",
    "a,d,c,b",
  ]);
  for (const { both } of results) expect(both).toEqual([]);
});

test("an option that others have removed, and an order that they have changed, are conflicts", () => {
  const lost = merge(["a", "b"], renamed("a", "x"), ["b"]);
  expect([lost.options, lost.both]).toEqual([["x", "b"], ["Options"]]);
  const order = merge(["a", "b", "c"], up("c"), ["b", "a", "c"]);
  expect([order.options, order.both]).toEqual([["a", "c", "b"], ["Options"]]);
  const again = rebased(listOf(["b", "a", "c"]), order.next, listOf(["b", "a", "c"]));
  expect([optionsOf(again.draft.options), again.both]).toEqual([["a", "c", "b"], []]);
});

test("settings that the column has are not sent", () => {
  const now = columnOf(ColumnKind.NUMBER, { decimals: 2, options: ["a"] });
  expect(changedSettings({ ...now, kind: ColumnKind.TEXT }, now)).toBeUndefined();
  expect(changedSettings({ ...now, decimals: "3" }, now)).toBeDefined();
});
