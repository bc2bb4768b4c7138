import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { ServerFrameSchema } from "../../gen/gridloom/v1/live_pb.ts";
import { authorOf } from "./author.ts";

function changes(...authors: string[]) {
  const value = { changes: authors.map((authorId) => ({ authorId })) };
  return create(ServerFrameSchema, { frame: { case: "changes", value } });
}

test("the author of a frame is known where all changes are of one other person", () => {
  expect(authorOf(changes("ada", "ada"), "ben")).toBe("ada");
  for (const frame of [changes("ada", "cy"), changes("ben"), changes(), create(ServerFrameSchema)])
    expect(authorOf(frame, "ben")).toBe(undefined);
});
