import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { Worker_Kind, WorkerSchema } from "../../gen/gridloom/v1/operator_pb.ts";
import { engineText, WORKER_HEADS, workerCells, workerName } from "./worker-text.ts";

const NOW = 1_000_000_000;
const SERVER = create(WorkerSchema, {
  kind: Worker_Kind.SERVER,
  id: "a1",
  running: 2,
  cores: 4,
  memoryBytes: 1_073_741_824n,
  heartbeatAtMicros: BigInt(NOW) * 1000n,
  release: "0.4.0",
});

test("a worker has a cell below each head", () => {
  expect(workerName(SERVER)).toBe("Server a1");
  const cells = workerCells(SERVER, NOW);
  expect(cells).toEqual(["Working", "2", "4", "1 GiB", "just now", "", "0.4.0"]);
  expect(cells).toHaveLength(WORKER_HEADS.length);
});

test("a fault stands in place of the state", () => {
  const silent = { ...SERVER, fault: "It has been silent for 40 s." };
  expect(workerCells(silent, NOW)[0]).toBe("It has been silent for 40 s.");
  expect(workerCells({ ...SERVER, running: 0 }, NOW)[0]).toBe("Idle");
});

test("what is not known is empty, and a kind of a later version has a word", () => {
  const bare = create(WorkerSchema, { kind: 77 as Worker_Kind, id: "x" });
  expect(workerName(bare)).toBe("Worker x");
  expect(workerCells(bare, NOW)).toEqual(["Idle", "0", "", "", "", "", ""]);
});

test("the engine is one of the servers, or has an address", () => {
  expect(engineText("embedded")).toContain("servers themselves");
  expect(engineText("10.0.0.3:50050")).toContain("10.0.0.3:50050");
});
