import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import {
  ListMessagesResponseSchema,
  type Message,
  MessageSchema,
} from "../../../gen/gridloom/v1/chat_pb.ts";
import { type Loaded, NOTHING, withMessage, withNewest, withOlder } from "./messages.ts";

function message(number: number, more: MessageInitShape<typeof MessageSchema> = {}): Message {
  return create(MessageSchema, { text: `m${number}`, ...more, number: BigInt(number) });
}

/** A page with the messages from `newest` down to `oldest`. */
function page(newest: number, oldest: number, nextPageToken = "") {
  const messages = Array.from({ length: newest - oldest + 1 }, (_, at) => message(newest - at));
  return create(ListMessagesResponseSchema, { messages, nextPageToken });
}

function loaded(first: number, last: number, older = ""): Loaded {
  return withNewest(NOTHING, page(last, first, older));
}

function numbers({ messages }: Loaded): number[] {
  return messages.map(({ number }) => Number(number));
}

describe("the newest page", () => {
  it("joins what is loaded, in the order of the numbers", () => {
    const joined = withNewest(loaded(3, 6, "3"), page(8, 5, "5"));
    expect(numbers(joined)).toEqual([3, 4, 5, 6, 7, 8]);
    expect(joined.older).toBe("3");
  });

  it("replaces what is loaded after a gap", () => {
    const joined = withNewest(loaded(1, 4), page(9, 6, "6"));
    expect(numbers(joined)).toEqual([6, 7, 8, 9]);
    expect(joined.older).toBe("6");
  });

  it("keeps a message that an event brought before the answer", () => {
    const { loaded: ahead } = withMessage(loaded(1, 3), message(4));
    expect(numbers(withNewest(ahead, page(3, 1)))).toEqual([1, 2, 3, 4]);
  });

  it("reaches further back than what is loaded", () => {
    const joined = withNewest(loaded(5, 6, "5"), page(7, 2, "2"));
    expect(numbers(joined)).toEqual([2, 3, 4, 5, 6, 7]);
    expect(joined.older).toBe("2");
  });

  it("may have no message", () => {
    expect(withNewest(NOTHING, page(0, 1))).toEqual({ messages: [], older: "" });
  });
});

describe("an older page", () => {
  it("comes before what is loaded", () => {
    const joined = withOlder(loaded(5, 6, "5"), page(4, 3, "3"), "5");
    expect(numbers(joined)).toEqual([3, 4, 5, 6]);
    expect(joined.older).toBe("3");
  });

  it("is dropped when what is loaded begins elsewhere by now", () => {
    const now = loaded(50, 60, "50");
    expect(withOlder(now, page(4, 3, "3"), "5")).toBe(now);
  });
});

describe("a message of an event", () => {
  it("follows the last one", () => {
    const { loaded: next, gap } = withMessage(loaded(1, 3), message(4));
    expect(numbers(next)).toEqual([1, 2, 3, 4]);
    expect(gap).toBe(false);
  });

  it("is not shown after a gap", () => {
    const { loaded: next, gap } = withMessage(loaded(1, 7), message(9));
    expect(numbers(next)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(gap).toBe(true);
  });

  it("that was received twice stands once", () => {
    const once = withMessage(loaded(1, 3), message(4)).loaded;
    expect(numbers(withMessage(once, message(4)).loaded)).toEqual([1, 2, 3, 4]);
  });

  it("replaces its older state, and never a newer one", () => {
    const edited = message(2, { text: "new", editedMicros: 20n });
    const once = withMessage(loaded(1, 3), edited).loaded;
    expect(once.messages[1]?.text).toBe("new");
    const late = withMessage(once, message(2, { text: "old", editedMicros: 10n })).loaded;
    expect(late.messages[1]?.text).toBe("new");
    // A page that was read before the edit arrives after it.
    expect(withNewest(late, page(3, 1)).messages[1]?.text).toBe("new");
    const gone = withMessage(late, message(2, { text: "", deletedMicros: 30n })).loaded;
    expect(gone.messages[1]?.deletedMicros).toBe(30n);
  });

  it("before the loaded ones changes nothing", () => {
    const now = loaded(5, 6, "5");
    const { loaded: next, gap } = withMessage(now, message(2));
    expect(next).toBe(now);
    expect(gap).toBe(false);
  });
});
