import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import {
  NoticeKind,
  NoticeSchema,
  NoticeServiceWatchResponseSchema,
} from "../../gen/gridloom/v1/notices_pb.ts";
import { withoutEnded } from "./access.ts";

const NOTICES = [
  { number: 1n, kind: NoticeKind.SHARE, sheetId: "s" },
  { number: 2n, kind: NoticeKind.SHARE, fileId: "f" },
  { number: 3n, kind: NoticeKind.JOB },
].map((given) => create(NoticeSchema, given));

function left(notice: MessageInitShape<typeof NoticeSchema>): readonly number[] {
  const event = { case: "notice" as const, value: { kind: NoticeKind.ROLE, ...notice } };
  const response = create(NoticeServiceWatchResponseSchema, { event });
  return withoutEnded(NOTICES, response).map(({ number }) => Number(number));
}

test("a role that ends takes the notices of its sheet or file, and no other ones", () => {
  expect(left({ sheetId: "s" })).toEqual([2, 3]);
  expect(left({ fileId: "f" })).toEqual([1, 3]);
  expect(left({ fileId: "f", role: 1 })).toEqual([1, 2, 3]);
});
