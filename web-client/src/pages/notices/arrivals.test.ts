import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ThreadKind } from "../../gen/gridloom/v1/chat_pb.ts";
import { NoticeKind, NoticeServiceWatchResponseSchema } from "../../gen/gridloom/v1/notices_pb.ts";
import { type Announcement, Arrivals, COLLECT_MILLIS, isOpen, RECENT_MILLIS } from "./arrivals.ts";

type Event = NonNullable<MessageInitShape<typeof NoticeServiceWatchResponseSchema>["event"]>;

class Page {
  here: string[] | undefined = ["/"];
  readonly shown: Announcement[] = [];
  readonly arrivals = new Arrivals({
    now: () => Date.now(),
    after: (millis, then) => {
      const timer = setTimeout(then, millis);
      return () => clearTimeout(timer);
    },
    here: () => this.here,
    show: (announcement) => this.shown.push(announcement),
  });

  receive(number: bigint, event: Event, ownId = "ada"): void {
    const answer = create(NoticeServiceWatchResponseSchema, { number, event });
    this.arrivals.receive(answer, ownId);
  }

  async pass(): Promise<string[]> {
    await vi.advanceTimersByTimeAsync(COLLECT_MILLIS);
    return this.shown.splice(0).map(({ text }) => text);
  }
}

function micros(ago = 0): bigint {
  return BigInt(Date.now() - ago) * 1000n;
}

function shared(ago = 0, actorId = "ben"): Event {
  const [kind, actorName] = [NoticeKind.SHARE, "Ben"];
  const value = {
    kind,
    actorId,
    actorName,
    atMicros: micros(ago),
    sheetId: "s",
    sheetName: "Plan",
  };
  return { case: "notice", value };
}

function message(text: string, change: { authorId?: string; editedMicros?: bigint } = {}): Event {
  const written = { threadId: "t", authorId: "ben", authorName: "Ben", sentMicros: micros() };
  const place = { threadId: "t", kind: ThreadKind.PERSONS };
  return { case: "message", value: { message: { ...written, text, ...change }, place } };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a notice and a message of another person are shown, each leading to its place", async () => {
  const page = new Page();
  page.receive(1n, shared());
  page.receive(2n, message("See row 12"));
  await vi.advanceTimersByTimeAsync(COLLECT_MILLIS);
  expect(page.shown).toEqual([
    { text: "Ben shared “Plan” with you.", to: "/sheets/s", name: "1" },
    { text: "Ben: See row 12", to: "/messages/person/ben", name: "2" },
  ]);
});

test("own doings, edits, and what was missed long ago are not shown", async () => {
  const page = new Page();
  page.receive(1n, shared(0, "ada"));
  page.receive(2n, message("mine", { authorId: "ada" }));
  page.receive(3n, message("again", { editedMicros: 5n }));
  page.receive(4n, shared(RECENT_MILLIS));
  expect(await page.pass()).toEqual([]);
});

test("the thread that is open is not shown, nor what another device reads at once", async () => {
  const page = new Page();
  page.here = ["/sheets/s", "/messages/person/ben"];
  page.receive(1n, message("seen"));
  expect(await page.pass()).toEqual([]);
  page.here = ["/"];
  page.receive(2n, message("read elsewhere"));
  page.receive(3n, { case: "threadRead", value: { threadId: "t", through: 2n } });
  page.receive(4n, shared());
  page.receive(5n, { case: "noticesRead", value: { through: 4n } });
  expect(await page.pass()).toEqual([]);
  // A hidden page shows nothing that would be seen on it.
  page.here = undefined;
  page.receive(6n, message("while hidden"));
  expect(await page.pass()).toEqual(["Ben: while hidden"]);
});

test("many at once are one message, and those of another account are gone", async () => {
  const page = new Page();
  for (let number = 1n; number <= 5n; number++) page.receive(number, message(`number ${number}`));
  expect(await page.pass()).toEqual(["5 new notices, the last one: Ben: number 5"]);
  page.receive(6n, message("to Ada"));
  page.receive(7n, message("to Cy"), "cy");
  expect(await page.pass()).toEqual(["Ben: to Cy"]);
});

test("an address is open when the page shows its path with its parameters", () => {
  expect(isOpen("/sheets/s?panel=chat", ["/sheets/s?panel=chat&x=1"])).toBe(true);
  expect(isOpen("/sheets/s?panel=chat", ["/sheets/s?panel=history"])).toBe(false);
  expect(isOpen("/sheets/s?panel=chat", ["/sheets/s", "/sheets/t?panel=chat"])).toBe(false);
  expect(isOpen("/sheets/s", ["/sheets/t?beside=s", "/sheets/s?panel=chat"])).toBe(true);
  expect(isOpen(undefined, ["/"])).toBe(false);
});
