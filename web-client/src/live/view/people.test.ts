import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { COLOR_NUMBERS, colorOfNumber, derivedColor } from "../../base/person-color.ts";
import { AccountColor } from "../../gen/gridloom/v1/colors_pb.ts";
import {
  type ParticipantSchema,
  PresenceChangeSchema,
  ServerFrameSchema,
} from "../../gen/gridloom/v1/live_pb.ts";
import { Activity, IDLE_MILLIS } from "./activity.ts";
import { readPeople } from "./people.ts";

type Sent = MessageInitShape<typeof ParticipantSchema>;

function encoded(present: Sent[]): Uint8Array {
  return toBinary(PresenceChangeSchema, create(PresenceChangeSchema, { present }));
}

function setUp() {
  const clock = { now: 1_000 };
  const activity = new Activity(() => clock.now);
  const read = (present: Sent[]) => readPeople(encoded(present), "me", activity);
  const receive = (present: Sent[], complete = false) =>
    activity.note(
      create(ServerFrameSchema, { frame: { case: "presence", value: { present, complete } } }),
    );
  const edits = (authorId: string) =>
    activity.note(
      create(ServerFrameSchema, {
        frame: { case: "changes", value: { changes: [{ authorId }] } },
      }),
    );
  return { clock, read, receive, edits };
}

test("each colour of the protocol is one of the palette", () => {
  const numbers = Object.values(AccountColor).filter((value) => typeof value === "number");
  expect(numbers.filter((number) => number !== 0)).toEqual(COLOR_NUMBERS);
});

test("a person has the chosen colour, else one of the account", () => {
  const { read } = setUp();
  const color = (chosen: AccountColor) =>
    read([{ sessionId: "1", accountId: "one", color: chosen }])[0]?.color;
  expect(color(AccountColor.BLUE)).toBe(colorOfNumber(AccountColor.BLUE));
  expect(color(AccountColor.UNSPECIFIED)).toBe(derivedColor("one"));
});

test("people are read with their positions, in the order of their accounts whatever their names", () => {
  const [zoe, ada] = setUp().read([
    {
      sessionId: "1",
      accountId: "y",
      displayName: "Ada",
      cursor: { row: 3, col: 1 },
      editing: { row: 3, col: 1 },
      selections: [{ rows: { start: 3, count: 2 }, cols: { start: 1, count: 4 } }, {}],
    },
    { sessionId: "2", accountId: "x", displayName: "Zoe" },
  ]);
  expect(ada).toMatchObject({ id: "y", name: "Ada", cursor: { row: 3, col: 1 }, isOwn: false });
  expect(ada?.editing).toEqual({ row: 3, col: 1 });
  expect(ada?.selected).toEqual([{ row: 3, col: 1, height: 2, width: 4 }]);
  expect(zoe).toMatchObject({ name: "Zoe", cursor: undefined, selected: [], editing: undefined });
});

test("an account with several sessions is one person, at the place of the last move", () => {
  const { clock, read, receive } = setUp();
  const at = (sessionId: string, row: number, accountId = "x"): Sent => ({
    sessionId,
    accountId,
    displayName: "Zoe",
    cursor: { row, col: 0 },
  });
  const silent = { sessionId: "0", accountId: "x", displayName: "Zoe" };
  const sessions = [silent, at("1", 1), at("2", 2), at("3", 3, "me")];
  expect(read(sessions).map(({ id, isOwn }) => [id, isOwn])).toEqual([
    ["me", true],
    ["x", false],
  ]);
  for (const [moved, row] of [
    ["2", 2],
    ["1", 1],
  ] as const) {
    clock.now += 1;
    receive([at(moved, row)]);
    expect(read(sessions).find(({ id }) => id === "x")?.cursor).toEqual({ row, col: 0 });
  }
  // A session that has not sent its place shows none, also after it was the last to do something.
  clock.now += 1;
  receive([silent]);
  expect(read(sessions).find(({ id }) => id === "x")?.cursor).toEqual({ row: 1, col: 0 });
});

test("a person is idle after minutes without a move or an edit, and stands after the active ones", () => {
  const { clock, read, receive, edits } = setUp();
  const ada = { sessionId: "1", accountId: "a", displayName: "Ada" };
  const ben = { sessionId: "2", accountId: "b", displayName: "Ben" };
  const idle = () => read([ada, ben]).map(({ name, isIdle }) => [name, isIdle]);
  expect(idle()).toEqual([
    ["Ada", false],
    ["Ben", false],
  ]);
  clock.now += IDLE_MILLIS - 1;
  receive([ben]);
  clock.now += 1;
  // A complete list has every session, with the time since it was active.
  receive([{ ...ada, idleSeconds: IDLE_MILLIS / 1_000 }, ben], true);
  expect(idle()).toEqual([
    ["Ben", false],
    ["Ada", true],
  ]);
  edits("a");
  expect(idle()).toEqual([
    ["Ada", false],
    ["Ben", false],
  ]);
  clock.now += IDLE_MILLIS;
  expect(idle()).toEqual([
    ["Ada", true],
    ["Ben", true],
  ]);
  // With a second window, the person is as active as that window.
  receive([{ ...ada, sessionId: "3" }]);
  expect(
    read([ada, ben, { ...ada, sessionId: "3" }]).map(({ name, isIdle }) => [name, isIdle]),
  ).toEqual([
    ["Ada", false],
    ["Ben", true],
  ]);
});

test("a person who was idle before this page opened is idle, and one whose windows are all hidden is away", () => {
  const { clock, read, receive } = setUp();
  clock.now += 2 * IDLE_MILLIS;
  const ada = { sessionId: "1", accountId: "a", displayName: "Ada" };
  const hidden = { sessionId: "2", accountId: "b", displayName: "Ben", away: true };
  const shown = { ...hidden, sessionId: "3", away: false };
  receive([{ ...ada, idleSeconds: IDLE_MILLIS / 1_000 - 1 }, hidden], true);
  const states = (...sessions: Sent[]) =>
    read(sessions).map(({ name, isIdle, isAway }) => [name, isIdle, isAway]);
  expect(states(ada, hidden, shown)).toEqual([
    ["Ada", false, false],
    ["Ben", false, false],
  ]);
  clock.now += 1_000;
  expect(states(ada, hidden)).toEqual([
    ["Ada", true, false],
    ["Ben", true, true],
  ]);
});

test("a disconnection of this page makes no person active", () => {
  const { clock, read } = setUp();
  const ada = { sessionId: "1", accountId: "a", displayName: "Ada" };
  const ben = { sessionId: "2", accountId: "b", displayName: "Ben" };
  read([ada]);
  clock.now += IDLE_MILLIS;
  read([]);
  expect(read([ada])[0]?.isIdle).toBe(true);
  // A session that has left is a new one when it comes back.
  read([ben]);
  expect(read([ada])[0]?.isIdle).toBe(false);
});
