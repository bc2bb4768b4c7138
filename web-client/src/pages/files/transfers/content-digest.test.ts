import { createHash } from "node:crypto";
import { expect, test, vi } from "vitest";
import { ContentDigest, maySame } from "./content-digest.ts";

const BYTES = Uint8Array.from({ length: 9 }, (_, i) => i);
const { signal } = new AbortController();

function sum(data: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(data).digest());
}

/** As File in files.proto has it. */
function wanted(pieceBytes: number): Uint8Array {
  const count = Math.ceil(BYTES.length / pieceBytes);
  const pieces = Array.from({ length: count }, (_, i) =>
    sum(BYTES.slice(i * pieceBytes, (i + 1) * pieceBytes)),
  );
  return sum(Uint8Array.from(pieces.flatMap((piece) => [...piece])));
}

test.each([3, 4, 9, 20])(
  "the digest of pieces of %s bytes is that of the server",
  async (bytes) => {
    const content = new ContentDigest(new Blob([BYTES]), bytes);
    expect(await content.whole(signal)).toEqual(wanted(bytes));
    expect(content.isPartial).toBe(false);
  },
);

test("an empty file has the digest of nothing", async () => {
  expect(await new ContentDigest(new Blob([]), 4).whole(signal)).toEqual(sum(new Uint8Array()));
});

test("only what is not known is read, and a piece of another size is not known", async () => {
  const file = new Blob([BYTES]);
  const content = new ContentDigest(file, 4);
  content.note(0, 4, sum(BYTES.slice(0, 4)));
  content.note(1, 8, sum(BYTES.slice(8)));
  const slice = vi.spyOn(file, "slice");
  expect(await content.whole(signal)).toEqual(wanted(4));
  expect(slice.mock.calls.map(([from]) => from)).toEqual([4, 8]);
});

test("the reading ends with the transfer", async () => {
  const abort = new AbortController();
  abort.abort(new Error("cancelled"));
  const whole = new ContentDigest(new Blob([BYTES]), 4).whole(abort.signal);
  await expect(whole).rejects.toThrow("cancelled");
});

test("a digest that the browser can't compute can be that of any bytes", () => {
  expect(maySame(new Uint8Array(), sum(BYTES))).toBe(true);
  expect(maySame(sum(BYTES), sum(BYTES))).toBe(true);
  expect(maySame(sum(BYTES), wanted(4))).toBe(false);
  expect(maySame(sum(BYTES), new Uint8Array())).toBe(false);
});
