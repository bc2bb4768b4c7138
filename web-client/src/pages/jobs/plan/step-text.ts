// The costs of the steps of a job as short texts.
import { sizeText } from "../../../base/size-text.ts";
import { count } from "../../../base/text.ts";
import type { JobStep } from "../../../gen/gridloom/v1/jobs_pb.ts";

const [MILLI_MICROS, SECOND_MICROS] = [1_000, 1_000_000];
const [MINUTE_SECONDS, HOUR_SECONDS] = [60, 3_600];
const SHORT = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 2 });

/** "0.4 ms", "12 ms", "3.4 s", "2 min 5 s", "1 h 3 min"; never rounded up to a further unit. */
export function durationText(micros: bigint): string {
  const number = Number(micros);
  if (number < SECOND_MICROS) {
    const millis = number / MILLI_MICROS;
    return `${millis < 10 ? SHORT.format(millis) : Math.floor(millis)} ms`;
  }
  const seconds = Math.floor(number / SECOND_MICROS);
  if (seconds < 10) return `${SHORT.format(Math.floor(number / 100_000) / 10)} s`;
  if (seconds < MINUTE_SECONDS) return `${seconds} s`;
  const minutes = Math.floor((seconds % HOUR_SECONDS) / MINUTE_SECONDS);
  if (seconds < HOUR_SECONDS) return `${minutes} min ${seconds % MINUTE_SECONDS} s`;
  return `${count(Math.floor(seconds / HOUR_SECONDS))} h ${minutes} min`;
}

/** The cells of the row of a step, in the order of the heads. */
export function stepCells(step: JobStep): readonly string[] {
  const { place, tasks, tasksDone, rows, elapsedMicros, busyMicros, spilledBytes } = step;
  return [
    place,
    tasks < 2 ? "" : `${count(tasksDone)} of ${count(tasks)}`,
    count(Number(rows)),
    durationText(elapsedMicros),
    durationText(busyMicros),
    spilledBytes === 0n ? "" : sizeText(spilledBytes),
  ];
}

export const STEP_HEADS = ["Where", "Tasks", "Rows", "Time", "CPU", "Spilled"] as const;
