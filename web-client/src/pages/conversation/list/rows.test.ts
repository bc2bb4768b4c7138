import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { type Message, MessageSchema } from "../../../gen/gridloom/v1/chat_pb.ts";
import { dayText, rowsOf } from "./rows.ts";

const MINUTE = 60_000_000n;
const NOON = BigInt(new Date(2026, 4, 3, 12).getTime()) * 1000n;

function message(number: number, authorId: string, minutes: number): Message {
  const sentMicros = NOON + BigInt(minutes) * MINUTE;
  return create(MessageSchema, { number: BigInt(number), authorId, sentMicros });
}

function shown(messages: readonly Message[], line?: bigint): string[] {
  return rowsOf(messages, line).map((row) =>
    row.kind === "message" ? `${row.message.number}${row.isFirst ? " first" : ""}` : row.kind,
  );
}

describe("the rows of a conversation", () => {
  it("name an author once for messages that follow each other soon", () => {
    const messages = [
      message(1, "a", 0),
      message(2, "a", 1),
      message(3, "b", 2),
      message(4, "b", 9),
    ];
    expect(shown(messages)).toEqual(["day", "1 first", "2", "3 first", "4 first"]);
  });

  it("have a row for each day", () => {
    expect(shown([message(1, "a", 0), message(2, "a", 24 * 60)])).toEqual([
      "day",
      "1 first",
      "day",
      "2 first",
    ]);
  });

  it("have the line before the first unread message", () => {
    expect(shown([message(1, "a", 0), message(2, "a", 1)], 2n)).toEqual([
      "day",
      "1 first",
      "unread",
      "2 first",
    ]);
  });
});

it("near days have names", () => {
  const now = new Date(2026, 2, 1, 8);
  expect(dayText(new Date(2026, 2, 1, 23), now)).toBe("Today");
  expect(dayText(new Date(2026, 1, 28, 1), now)).toBe("Yesterday");
  expect(dayText(new Date(2026, 1, 27), now)).toContain("27");
});
