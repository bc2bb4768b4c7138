import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { JobStepSchema } from "../../../gen/gridloom/v1/jobs_pb.ts";
import { durationText, STEP_HEADS, stepCells } from "./step-text.ts";

test.each([
  [0, "0 ms"],
  [400, "0.4 ms"],
  [12_900, "12 ms"],
  [999_999, "999 ms"],
  [3_460_000, "3.4 s"],
  [59_999_999, "59 s"],
  [125_000_000, "2 min 5 s"],
  [3_780_000_000, "1 h 3 min"],
])("%d µs are %s", (micros, text) => {
  expect(durationText(BigInt(micros))).toBe(text);
});

test("a step has a cell below each head, and no zero where nothing was done", () => {
  const step = create(JobStepSchema, {
    name: "sort",
    place: "server",
    tasks: 4,
    tasksDone: 3,
    rows: 12n,
    elapsedMicros: 2_000_000n,
    busyMicros: 7_500_000n,
    spilledBytes: 2_097_152n,
  });
  expect(stepCells(step)).toEqual(["server", "3 of 4", "12", "2 s", "7.5 s", "2 MiB"]);
  const plain = stepCells(create(JobStepSchema, { name: "write", place: "server", tasks: 1 }));
  expect(plain).toHaveLength(STEP_HEADS.length);
  expect([plain[1], plain[5]]).toEqual(["", ""]);
});
