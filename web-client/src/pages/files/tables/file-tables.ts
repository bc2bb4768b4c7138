// What was read from a file: nothing yet, or its tables, and the job that reads it.
//
// Invariant: tables stay while the file is read again, and after an attempt to read it that has failed.
import { count, plural } from "../../../base/text.ts";
import { type Job, JobState } from "../../../gen/gridloom/v1/jobs_pb.ts";
import type { ListTablesResponse, Table } from "../../../gen/gridloom/v1/tables_pb.ts";
import { failureOf, isUnderWay } from "../../jobs/job-text.ts";
import { serverSentence } from "./server-sentence.ts";

export interface FileTables {
  tables: readonly Table[];
  /** The job that reads the file now. */
  reading: Job | undefined;
  /** Why the last attempt to read it has failed. */
  failure: string | undefined;
  /** The last attempt was cancelled. */
  isCancelled: boolean;
}

const NO_REASON = "The file could not be read.";

/** `live`: the job as a stream has sent it; an answer that shows its end is the later one. */
export function fileTables({ tables, job }: ListTablesResponse, live: Job | undefined): FileTables {
  const isLater = job !== undefined && live?.id === job.id && isUnderWay(job);
  const now = isLater ? live : job;
  const reading = now !== undefined && isUnderWay(now) ? now : undefined;
  const isFailed = now?.state === JobState.FAILED;
  return {
    tables,
    // A job that is done by the stream is read until its tables are there.
    reading: reading ?? (isLater && live?.state === JobState.DONE ? job : undefined),
    failure: isFailed ? serverSentence(failureOf(now) ?? NO_REASON) : undefined,
    isCancelled: now?.state === JobState.CANCELLED,
  };
}

/** The state of a file in a few words. */
export function stateOf({ tables, reading, failure }: FileTables): string {
  if (reading !== undefined) return "Being read…";
  if (tables.length > 0) {
    const rows = plural(
      tables.reduce((sum, { rows }) => sum + Number(rows), 0),
      "row",
    );
    return tables.length === 1 ? rows : `${rows} in ${count(tables.length)} tables`;
  }
  return failure === undefined ? "Not read yet" : "Could not be read";
}

/** The ends of the names of files that can be read. Others are tried by their first bytes. */
const ENDS = /\.(csv|tsv|tab|json|jsonl|ndjson|parquet|xlsx)$/i;

/** Whether a file has a name as files with tables have it. */
export function looksLikeTable(name: string): boolean {
  return ENDS.test(name);
}
