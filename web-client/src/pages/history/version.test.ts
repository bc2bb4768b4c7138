import { create } from "@bufbuild/protobuf";
import { createRouterTransport } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { GetRevisionResponseSchema } from "../../gen/gridloom/v1/history_pb.ts";
import { SheetService } from "../../gen/gridloom/v1/sheets_pb.ts";
import { readVersion } from "./version.ts";

/** A row of numbers. */
const row = (id: bigint, ...numbers: number[]) => ({
  id,
  values: numbers.map((value) => ({ kind: { case: "number" as const, value } })),
});

/** Reads a version that arrives in these answers. */
function read(answers: { rows: ReturnType<typeof row>[]; startCol?: number }[]) {
  const transport = createRouterTransport(({ service }) => {
    service(SheetService, {
      getRevision: ({ pageToken }) => {
        const at = pageToken === "" ? 0 : Number(pageToken);
        const nextPageToken = at + 1 < answers.length ? String(at + 1) : "";
        return create(GetRevisionResponseSchema, { ...answers[at], nextPageToken });
      },
    });
  });
  return readVersion(transport, { sheetId: "s" }, new AbortController().signal);
}

const numbersOf = ({ rows }: Awaited<ReturnType<typeof read>>) =>
  rows.map(({ values }) => values.map(({ kind }) => kind.value));

test("joins a row that is larger than an answer", async () => {
  const version = await read([
    { rows: [row(1n, 1), row(2n, 2)] },
    { rows: [row(3n, 3)] },
    { rows: [row(3n, 4, 5)], startCol: 2 },
    { rows: [row(3n, 6), row(4n, 7)], startCol: 4 },
  ]);
  expect(numbersOf(version)).toEqual([[1], [2], [3, undefined, 4, 5, 6], [7]]);
});

test("shows no row that it has not read to its end", async () => {
  const alone = [1n, 2n, 3n, 4n, 5n].map((id) => ({ rows: [row(id, Number(id))] }));
  expect(numbersOf(await read(alone))).toEqual([[1], [2], [3]]);
  const parts = [1, 2, 3, 4, 5].map((number, startCol) => ({ rows: [row(1n, number)], startCol }));
  expect(numbersOf(await read(parts))).toEqual([[1, 2, 3, 4, 5]]);
});
