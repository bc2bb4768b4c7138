import { expect, test } from "vitest";
import { Store } from "../base/store.ts";
import { KeptSheets } from "./kept-sheets.ts";
import type { Status } from "./view/sheet-view.ts";

function setUp(hasRoom = true) {
  const timers: (() => void)[] = [];
  const after = (_: number, then: () => void) => {
    timers.push(then);
    return () => void timers.splice(timers.indexOf(then), 1);
  };
  const kept = new KeptSheets<ReturnType<typeof sheet>>({ after, hasRoom: () => hasRoom });
  return { kept, timers };
}

function sheet(pending = 0) {
  const status = new Store<Status>({ phase: { kind: "online" }, pending });
  const made = {
    open: true,
    final: false,
    status,
    close: () => {
      made.open = false;
    },
    isClosed: () => made.final,
    pending: () => status.get().pending,
    saved: () => status.set({ phase: { kind: "online" }, pending: 0 }),
  };
  return made;
}

test("a sheet that the person may return to stays open for a while", () => {
  const { kept, timers } = setUp();
  const plan = sheet();
  kept.leave("plan", plan, true);
  expect(plan.open).toBe(true);
  timers[0]?.();
  expect(plan.open).toBe(false);
  expect(kept.take("plan")).toBeUndefined();
});

test("a return takes the sheet, which no timer closes then", () => {
  const { kept, timers } = setUp();
  const plan = sheet();
  kept.leave("plan", plan, true);
  expect(kept.take("plan")).toBe(plan);
  expect(kept.take("plan")).toBeUndefined();
  expect(timers).toEqual([]);
  kept.end();
  expect(plan.open).toBe(true);
});

test("a sheet without a way back is closed when its edits are accepted", () => {
  const { kept } = setUp();
  const [empty, edited] = [sheet(), sheet(2)];
  kept.leave("empty", empty, false);
  kept.leave("edited", edited, false);
  expect([empty.open, edited.open]).toEqual([false, true]);
  edited.saved();
  expect(edited.open).toBe(false);
});

test("at the end of the page of sheets, only sheets with unsaved edits stay", () => {
  const { kept } = setUp();
  const [plan, stock] = [sheet(), sheet(1)];
  kept.leave("plan", plan, true);
  kept.leave("stock", stock, true);
  kept.end();
  expect([plan.open, stock.open]).toEqual([false, true]);
  stock.saved();
  expect(stock.open).toBe(false);
});

test("beyond three sheets the one that was left first is closed", () => {
  const { kept } = setUp();
  const all = [sheet(), sheet(), sheet(), sheet()];
  for (const [i, one] of all.entries()) kept.leave(`${i}`, one, true);
  expect(all.map(({ open }) => open)).toEqual([false, true, true, true]);
});

test("a page without room keeps only what is not saved", () => {
  const { kept } = setUp(false);
  const [plan, stock] = [sheet(), sheet(1)];
  kept.leave("plan", plan, true);
  kept.leave("stock", stock, true);
  expect([plan.open, stock.open]).toEqual([false, true]);
});

test("a sheet that the server has closed is not kept", () => {
  const { kept } = setUp();
  const plan = sheet();
  kept.leave("plan", plan, true);
  plan.final = true;
  plan.status.set({ phase: { kind: "closed", end: "no-sheet", reason: "" }, pending: 0 });
  expect(plan.open).toBe(false);
});

test("another account keeps no sheet of the one before", () => {
  const { kept } = setUp();
  const [own, other] = [sheet(1), sheet(1)];
  kept.leave("ada/plan", other, true);
  kept.leave("ben/plan", own, true);
  kept.closeOthers("ben/");
  expect([own.open, other.open]).toEqual([true, false]);
});
