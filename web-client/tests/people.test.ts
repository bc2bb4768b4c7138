// The people of a crowded sheet, read from the real engine.
import { beforeAll, expect, test, vi } from "vitest";
import { SheetView } from "../src/live/view/sheet-view.ts";
import { loadEngine, open, receive } from "./opened.ts";

beforeAll(loadEngine);

function setUp() {
  const engine = open();
  const frames: (() => void)[] = [];
  const nextFrame = (then: () => void) => void frames.push(then);
  const view = new SheetView(engine, { now: () => 0, nextFrame, accountId: "me" }, () => undefined);
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
  const rows = () => view.people.get().map(({ cursor }) => cursor?.row);
  return { view, read, move, draw, rows };
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
