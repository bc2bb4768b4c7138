// The people of a crowded sheet, read from the real engine.
import { beforeAll, expect, test, vi } from "vitest";
import { SheetView } from "../src/live/view/sheet-view.ts";
import { loadEngine, open, receive } from "./opened.ts";

beforeAll(loadEngine);

function setUp() {
  const engine = open();
  const frames: (() => void)[] = [];
  const nextFrame = (then: () => void) => void frames.push(then);
  const clock = { now: 0, timers: [] as { at: number; then: () => void }[] };
  const after = (millis: number, then: () => void) => {
    clock.timers.push({ at: clock.now + millis, then });
    return () => undefined;
  };
  const surroundings = { now: () => clock.now, after, nextFrame, accountId: "me" };
  const view = new SheetView(engine, surroundings, () => undefined);
  const read = vi.spyOn(engine, "people");
  const move = (account: string, row: number) => {
    const cursor = { row, col: 0 };
    const present = [{ sessionId: account, accountId: account, displayName: account, cursor }];
    receive(engine, { case: "presence", value: { present } });
    view.peopleChanged();
  };
  const draw = () => {
    for (const then of frames.splice(0)) then();
  };
  const pass = (millis: number) => {
    clock.now += millis;
    const due = clock.timers.filter(({ at }) => at <= clock.now);
    clock.timers = clock.timers.filter(({ at }) => at > clock.now);
    for (const { then } of due) then();
  };
  const rows = () => view.people.get().map(({ cursor }) => cursor?.row);
  return { view, read, move, draw, pass, rows };
}

test("people are read once for each frame that is drawn, however many moves it shows", () => {
  const { read, move, draw, rows } = setUp();
  for (let row = 0; row < 20; row++) move("ada", row);
  expect(read).not.toHaveBeenCalled();
  draw();
  expect(read).toHaveBeenCalledOnce();
  expect(rows()).toEqual([19]);
  draw();
  expect(read).toHaveBeenCalledOnce();
});

test("a crowd is read at intervals, its last move, too, and its moves change no cell", () => {
  const { view, read, move, draw, pass, rows } = setUp();
  for (let person = 0; person < 200; person++) move(`p${person}`, 0);
  draw();
  const version = view.version.get();
  for (let row = 1; row <= 50; row++) {
    move("p0", row);
    draw();
    pass(20);
  }
  pass(100);
  expect(read.mock.calls.length).toBeLessThanOrEqual(12);
  expect([rows()[0], view.version.get()]).toEqual([50, version]);
});

test("the name of a person is known before the frame is drawn", () => {
  const { view, move } = setUp();
  move("ada", 1);
  expect(view.nameOf("ada")).toBe("ada");
});

test("a sheet without a session shows no one of an earlier move", () => {
  const { view, move, draw, rows } = setUp();
  move("ada", 1);
  view.peopleUnknown();
  draw();
  expect(rows()).toEqual([]);
});
