// A refused enrichment: which field it is about, and why an API has not answered.
import { Code, ConnectError } from "@connectrpc/connect";
import { hasCode, refusalText } from "../../../../api/errors.ts";
import { reasonOf } from "../../../../api/reasons.ts";
import { serverSentence } from "../../../files/tables/server-sentence.ts";
import { beginProblem } from "../../transfer/begin-problem.ts";
import type { Problems } from "./draft.ts";

const PATH = "enrichment.";
/** Fields that the dialog has. */
const SHOWN =
  /^(url|list_path|key|remote_key|requests_per_second|(take|headers)\[\d+\](\.(path|name|value))?)$/;
const ADDRESS =
  "This address is in the server's own network, which its operator does not allow. Use a public one.";

/** The problem by the field that it is about; empty for an error that is about none. */
export function refusedFields(error: unknown): Problems {
  if (error === null || error === undefined) return new Map();
  const { name, violation } = reasonOf(error);
  if (name === "ADDRESS_REFUSED") return new Map([["url", ADDRESS]]);
  const path = violation?.field ?? "";
  const field = path.startsWith(PATH) ? path.slice(PATH.length) : "";
  // A reference to a column is one field here.
  const own = field.replace(/^key\..*$/, "key");
  if (violation === undefined || !SHOWN.test(own)) return new Map();
  const whole = /^(take|headers)\[\d+\]$/.test(own);
  const at = whole ? `${own}.${own.startsWith("take") ? "path" : "name"}` : own;
  return new Map([[at, refusalText(violation.rule)]]);
}

/** Why a preview has not come. */
export function previewProblem(error: unknown): string {
  const { name } = reasonOf(error);
  if (name === "API_FAILED") return serverSentence(ConnectError.from(error).rawMessage);
  if (hasCode(error, Code.DeadlineExceeded))
    return "The API has not answered in time. Try again, or ask for less.";
  return beginProblem(error);
}
