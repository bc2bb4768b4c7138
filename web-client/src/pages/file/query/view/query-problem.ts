// Errors of views and of the values of a column, as sentences.
import { Code } from "@connectrpc/connect";
import { hasCode } from "../../../../api/errors.ts";
import { reasonOf } from "../../../../api/reasons.ts";
import { fileProblem } from "../../../files/problems/file-problem.ts";
import { serverSentence } from "../../../files/tables/server-sentence.ts";
import { jobProblem } from "../../../jobs/job-text.ts";

const CHANGED = "This file was read again in the meantime.";

const SENTENCES: Readonly<Record<string, string>> = {
  VIEW_GONE: "These rows are no longer kept. Find them again.",
  TABLE_CHANGED: CHANGED,
  QUERY_TOO_LARGE: "This column has too many different values to count. Filter the rows first.",
  ENGINE_AWAY: "Values can't be counted at the moment. Try again later.",
  SUMMARY_TOO_SLOW: "This takes too long to count. Filter the rows first.",
};

export function queryProblem(error: unknown): string {
  const { name } = reasonOf(error);
  const known = SENTENCES[name];
  if (known !== undefined) return known;
  if (name === "TOO_MANY_JOBS") return jobProblem(error);
  // The table has fewer columns, or a condition is not one of its kind.
  if (hasCode(error, Code.OutOfRange)) return CHANGED;
  return fileProblem(error);
}

const NO_REASON = "These rows could not be found.";

/** Why a job has made no view. */
export function jobReason(reason: string): string {
  return reason === "" ? NO_REASON : serverSentence(reason);
}
