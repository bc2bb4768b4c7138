// Reads the first rows of a version: an answer ends where a message is full, and inside a row that is larger than one.

import type { MessageInitShape } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import { callUnaryMethod } from "@connectrpc/connect-query";
import type {
  GetRevisionRequestSchema,
  GetRevisionResponse,
} from "../../gen/gridloom/v1/history_pb.ts";
import { SheetService } from "../../gen/gridloom/v1/sheets_pb.ts";
import { type Value, ValueSchema } from "../../gen/gridloom/v1/values_pb.ts";

/** Answers for one version: with rows that are larger, fewer of them are shown. */
const ANSWERS = 4;

/** Values of a row from a column on, after those of the answers before. */
function joined(before: readonly Value[], startCol: number, values: readonly Value[]): Value[] {
  const empty = Array.from({ length: startCol - before.length }, () => create(ValueSchema));
  return [...before, ...empty, ...values];
}

/** Adds the rows of the next answer. */
export function withAnswer(
  version: GetRevisionResponse,
  answer: GetRevisionResponse,
): GetRevisionResponse {
  const { nextPageToken, startCol } = answer;
  const [first, ...further] = answer.rows;
  const last = version.rows.at(-1);
  const rows =
    startCol === 0 || first === undefined || last === undefined
      ? [...version.rows, ...answer.rows]
      : [
          ...version.rows.slice(0, -1),
          { ...last, values: joined(last.values, startCol, first.values) },
          ...further,
        ];
  return { ...version, rows, nextPageToken };
}

/** The requested rows of a version, or the first ones of them where they are large. */
export async function readVersion(
  transport: Transport,
  input: MessageInitShape<typeof GetRevisionRequestSchema>,
  signal: AbortSignal,
): Promise<GetRevisionResponse> {
  const call = (pageToken: string) =>
    callUnaryMethod(
      transport,
      SheetService.method.getRevision,
      { ...input, pageToken },
      { signal },
    );
  let answer = await call("");
  let version = answer;
  // A row that is alone may continue in the next answer.
  for (let answers = 1; answer.nextPageToken !== ""; answers++) {
    const isAlone = answer.rows.length === 1;
    if (answers >= ANSWERS && !(isAlone && version.rows.length === 1))
      return isAlone ? { ...version, rows: version.rows.slice(0, -1) } : version;
    answer = await call(answer.nextPageToken);
    version = withAnswer(version, answer);
  }
  return version;
}
