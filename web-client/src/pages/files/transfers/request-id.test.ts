import { expect, test } from "vitest";
import { requestIdOf } from "./request-id.ts";

const file = (name: string, size = 7, lastModified = 1_700_000_000_000) => ({
  name,
  size,
  lastModified,
});

test("the same file has the same id, and a changed one another", () => {
  expect(requestIdOf(file("a.txt"))).toBe("7/1700000000000/a.txt");
  expect(requestIdOf(file("a.txt", 8))).not.toBe(requestIdOf(file("a.txt")));
  expect(requestIdOf(file("a.txt", 7, 5))).not.toBe(requestIdOf(file("a.txt")));
  expect(requestIdOf(file("a.txt"), 2)).toBe("7/1700000000000/2/a.txt");
});

test("an id has at most 100 bytes, and names that differ in the middle have different ids", () => {
  const long = (middle: string) =>
    file(`${"𝒳".repeat(60)}${middle}${"é".repeat(80)}.tar.gz`, Number.MAX_SAFE_INTEGER);
  const [one, other] = [requestIdOf(long("1"), 19), requestIdOf(long("2"), 19)];
  expect(one).not.toBe(other);
  expect(requestIdOf(long("1"), 19)).toBe(one);
  for (const id of [one, other])
    expect(new TextEncoder().encode(id).length).toBeLessThanOrEqual(100);
});
