// Errors of calls about files, as sentences: those that the other pages do not know.
import { Code } from "@connectrpc/connect";
import { errorText, hasCode } from "../../../api/errors.ts";
import { reasonOf } from "../../../api/reasons.ts";
import { LocalProblem } from "./local-problem.ts";

const SENTENCES: Readonly<Record<string, string>> = {
  STORAGE_FULL:
    "Your files have no room for this. Delete removed files for good, and wait up to two hours.",
  OWNER_STORAGE_FULL:
    "The owner of this file has no room for what this makes. Ask the owner, or save the rows as a file of your own.",
  FILES_EXCEEDED:
    "You have as many files as the server takes. Delete removed files for good, and wait up to two hours.",
  UPLOADS_EXCEEDED: "As many uploads as possible are unfinished. Continue or discard some first.",
  LINKS_EXCEEDED:
    "You have downloaded as many files as the server allows in an hour. Try again later.",
  OTHER_UPLOAD: "Another file is being uploaded in its place. Try again.",
  OTHER_PIECE: "The file was changed since its upload began. Cancel, and upload it again.",
  PIECES_MISSING: "Part of the file was lost on the way. Try again.",
  NO_TABLES:
    "Nothing was read of this file yet, or it is being read now. Read it first: then its tables stay.",
  ORIGINAL_DELETED:
    "The original of this file is deleted. Save its rows as a file in place of that.",
  ROLE_TOO_LOW: "Your role on this file doesn't allow this. Ask its owner.",
  READ_ONLY: "Your role on this file doesn't allow this. Ask its owner.",
  SHARES_EXCEEDED: "This file is shared with as many people as possible. Remove some first.",
  OWNER_STAYS: "You own this file. Remove it instead.",
  FILE_REMOVED: "This file is removed. Restore it first.",
  ETAG_MISMATCH: "This file was renamed in the meantime. Try again.",
  PLACE_FULL:
    "The server's disk for files is full. What is uploaded is kept: try again later, or ask its operator.",
  WRONG_PLACE:
    "The server can't reach its files. Ask its operator, who has to correct where they are.",
  PIECE_LOST:
    "The server has lost a part of this file. Remove it and upload it again, or ask the server's operator.",
  PIECE_CHANGED:
    "A part of this file is damaged on the server. Remove it and upload it again, or ask the server's operator.",
};

/** Sentences by the field that a refusal names. */
const BY_FIELD: Readonly<Record<string, string>> = {
  name: "A name has at most 200 characters, and no line breaks. Rename the file first.",
  size_bytes: "This file is larger than the server takes.",
  digest: "The file was changed on the way to the server. Try again.",
};

/** An error as a message for a person. */
export function fileProblem(error: unknown): string {
  if (error instanceof LocalProblem) return error.message;
  const { name, violation } = reasonOf(error);
  const field = violation?.field.split(".").at(-1) ?? "";
  const known = SENTENCES[name] ?? BY_FIELD[field];
  if (known !== undefined) return known;
  return hasCode(error, Code.NotFound) ? "This file no longer exists." : errorText(error);
}
