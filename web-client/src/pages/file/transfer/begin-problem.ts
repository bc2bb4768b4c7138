// Why a transfer does not begin, as a sentence for a person.
import { reasonOf } from "../../../api/reasons.ts";
import { fileProblem } from "../../files/problems/file-problem.ts";
import { jobProblem } from "../../jobs/job-text.ts";

const BY_REASON: Readonly<Record<string, string>> = {
  SHEET_FULL: "These rows don't fit into a sheet. Filter them, or take fewer columns.",
  QUOTA_EXCEEDED:
    "Your account has as many sheets or cells as it may have. Delete some of its sheets first.",
  TABLE_CHANGED: "This file was read again in the meantime. Close this, and begin again.",
  VIEW_GONE: "These rows are no longer kept, and are found again now. Close this, and begin again.",
};

/** By the field that a refusal names. */
const BY_FIELD: Readonly<Record<string, string>> = {
  "new_sheet.name": "Give the sheet another name: at most 200 characters, and no line breaks.",
  "saved.name": "Give the file another name: at most 200 characters, and no line breaks.",
  merge: "So many rows can't be merged at once. Filter them first.",
  "merge.key": "The values of this column can't be a key. Choose another column.",
  "merge.sheet_key": "The sheet has no column with the name of the key. Choose another one.",
  "merge.sheet_key.name":
    "Several columns of the sheet have the name of the key. Choose another one.",
};

export function beginProblem(error: unknown): string {
  const { name, violation } = reasonOf(error);
  if (name === "TOO_MANY_JOBS") return jobProblem(error);
  return BY_REASON[name] ?? BY_FIELD[violation?.field ?? ""] ?? fileProblem(error);
}
