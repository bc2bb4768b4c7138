// What runs jobs and queries, in short texts.
import { sizeText } from "../../base/size-text.ts";
import { ago, count } from "../../base/text.ts";
import { type Worker, Worker_Kind } from "../../gen/gridloom/v1/operator_pb.ts";

const KINDS: Readonly<Partial<Record<Worker_Kind, string>>> = {
  [Worker_Kind.SERVER]: "Server",
  [Worker_Kind.SCHEDULER]: "Scheduler",
  [Worker_Kind.EXECUTOR]: "Executor",
};

export const WORKER_HEADS = [
  "State",
  "Running",
  "Threads",
  "Memory",
  "Last seen",
  "Address",
  "Release",
] as const;

export function workerName({ kind, id }: Pick<Worker, "kind" | "id">): string {
  return `${KINDS[kind] ?? "Worker"} ${id}`;
}

/** The cells of a row behind its name, in the order of the heads. Empty ones are not known. */
export function workerCells(worker: Worker, now: number): readonly string[] {
  const { fault, running, cores, memoryBytes, heartbeatAtMicros, address, release } = worker;
  return [
    fault === "" ? (running === 0 ? "Idle" : "Working") : fault,
    count(running),
    cores === 0 ? "" : count(cores),
    memoryBytes === 0n ? "" : sizeText(memoryBytes),
    heartbeatAtMicros === 0n ? "" : ago(Number(heartbeatAtMicros / 1000n), now),
    address,
    release,
  ];
}

/** Where queries run, as a sentence. */
export function engineText(engine: string): string {
  return engine === "embedded"
    ? "Queries run in the servers themselves."
    : `Queries run on the distributed engine at ${engine}.`;
}
