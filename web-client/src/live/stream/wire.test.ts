import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import {
  ConnectResponseSchema,
  DetachRequestSchema,
  KeepConnectionRequestSchema,
  ServerFrameSchema,
} from "../../gen/gridloom/v1/live_pb.ts";
import { NoticeServiceWatchResponseSchema } from "../../gen/gridloom/v1/notices_pb.ts";
import { noticeFrame } from "./played.ts";
import { connectFrame, fields, noticePoint, numberOf, request, textOf } from "./wire.ts";

type Frame = Parameters<typeof create<typeof ConnectResponseSchema>>[1];

function encoded(frame: Frame): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(toBinary(ConnectResponseSchema, create(ConnectResponseSchema, frame)));
}

test("each frame of a connection is read as the stubs write it", () => {
  const opened = { connectionId: "a-b", silenceSeconds: 30, sessions: 256 };
  expect(connectFrame(encoded({ frame: { case: "opened", value: opened } }))).toEqual({
    kind: "opened",
    connectionId: "a-b",
  });
  const frame = create(ServerFrameSchema, { frame: { case: "pong", value: { nonce: 300n } } });
  for (const session of [1, 127, 128, 300, 4_000_000_000]) {
    const read = connectFrame(encoded({ frame: { case: "session", value: { session, frame } } }));
    expect(read).toMatchObject({ kind: "frame", session });
    if (read.kind === "frame") expect(fromBinary(ServerFrameSchema, read.bytes)).toEqual(frame);
  }
  const answer = create(NoticeServiceWatchResponseSchema, { number: 300n });
  const notices = connectFrame(noticeFrame(5, answer));
  expect(notices).toMatchObject({ kind: "frame", session: 5 });
  if (notices.kind === "frame")
    expect(fromBinary(NoticeServiceWatchResponseSchema, notices.bytes)).toEqual(answer);
  const status = { code: 7, message: "ended" };
  const end = connectFrame(encoded({ frame: { case: "end", value: { session: 9, status } } }));
  expect(end).toMatchObject({ kind: "end", session: 9 });
  expect(connectFrame(encoded({ frame: { case: "pong", value: { nonce: 1n } } })).kind).toBe(
    "other",
  );
});

test("a frame that this version does not know, and damaged bytes, are no error", () => {
  expect(connectFrame(Uint8Array.from([0x32, 1, 7])).kind).toBe("other");
  for (let length = 0; length < 64; length++) {
    const bytes = Uint8Array.from({ length }, (_, at) => (at * 151 + length * 29) % 256);
    expect(() => connectFrame(bytes)).not.toThrow();
  }
});

test("requests are written as the stubs read them", () => {
  for (const number of [1, 127, 128, 70_000, 4_000_000_000]) {
    const detach = fromBinary(DetachRequestSchema, request("ö-1", number));
    expect(detach).toMatchObject({ connectionId: "ö-1", session: number });
    const keep = fromBinary(KeepConnectionRequestSchema, request("x".repeat(200), number));
    expect(keep).toMatchObject({ connectionId: "x".repeat(200), nonce: BigInt(number) });
    const notices = fields(request("n", 7, number));
    expect([textOf(notices, 1), numberOf(notices, 2), numberOf(notices, 3)]).toEqual([
      "n",
      7,
      number,
    ]);
    const point = fromBinary(NoticeServiceWatchResponseSchema, noticePoint(number));
    expect(point).toMatchObject({ number: BigInt(number), event: { case: undefined } });
  }
});
