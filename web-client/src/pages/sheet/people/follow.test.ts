import { expect, test } from "vitest";
import { Store } from "../../../base/store.ts";
import type { Person } from "../../../live/view/people.ts";
import type { Status } from "../../../live/view/sheet-view.ts";
import { Follow } from "./follow.ts";

const at = (row: number, more: Partial<Person> = {}): Person => ({
  id: "ada",
  name: "Ada",
  color: "#000",
  isOwn: false,
  isIdle: false,
  isAway: false,
  cursor: { row, col: 0 },
  selected: [],
  editing: undefined,
  ...more,
});

function setUp() {
  const people = new Store<readonly Person[]>([at(1)]);
  const status = new Store<Status>({ phase: { kind: "online" }, pending: 0 });
  const revealed: number[] = [];
  const left: string[] = [];
  const follow = new Follow(
    { people, status },
    ({ row }) => revealed.push(row),
    (name) => left.push(name),
  );
  const end = follow.start();
  return { people, status, revealed, left, follow, end };
}

test("the view goes to a person and along with each move, and to no other person", () => {
  const { people, revealed, follow, end } = setUp();
  follow.toggle(at(1));
  people.set([at(1), at(50, { id: "ben" })]);
  people.set([at(2), at(60, { id: "ben" })]);
  people.set([at(2, { editing: { row: 7, col: 0 } })]);
  expect(revealed).toEqual([1, 2, 7]);
  end();
  people.set([at(9)]);
  expect(revealed).toEqual([1, 2, 7]);
});

test("a second click, or scrolling oneself, ends it", () => {
  const { people, revealed, follow } = setUp();
  follow.toggle(at(1));
  follow.toggle(at(1));
  people.set([at(3)]);
  expect([revealed, follow.person.get()]).toEqual([[1], undefined]);
  follow.toggle(at(3));
  follow.stop();
  people.set([at(4)]);
  expect(revealed).toEqual([1, 3]);
});

test("it ends when the person leaves, and not while this page is disconnected", () => {
  const { people, status, revealed, left, follow } = setUp();
  follow.toggle(at(1));
  status.set({ phase: { kind: "connecting" }, pending: 0 });
  people.set([]);
  expect(follow.person.get()?.id).toBe("ada");
  status.set({ phase: { kind: "online" }, pending: 0 });
  people.set([at(5)]);
  expect(revealed).toEqual([1, 5]);
  people.set([]);
  expect([follow.person.get(), left]).toEqual([undefined, ["Ada"]]);
});
