import { describe, expect, it } from "vitest";
import { queryAt, withPerson } from "./mentions.ts";

describe("the query after an @", () => {
  it.each([
    ["@", 1, ""],
    ["hi @be", 6, "be"],
    ["hi @ben mi", 10, "ben mi"],
    ["(@be", 4, "be"],
  ])("of %j is found", (text, cursor, query) => {
    expect(queryAt(text, cursor)?.text).toBe(query);
  });

  it.each([
    ["a@be", 4],
    ["@ be", 4],
    ["@ben\nmi", 7],
    ["no one", 6],
    [`@${"x".repeat(41)}`, 42],
  ])("of %j does not exist", (text, cursor) => {
    expect(queryAt(text, cursor)).toBeUndefined();
  });

  it("ends at the cursor", () => {
    expect(queryAt("@ben there", 2)?.text).toBe("b");
  });
});

it("the person replaces the query, and a space follows", () => {
  const person = { id: "b", name: "Ben Miller" };
  const query = { at: 3, text: "be" };
  expect(withPerson("hi @be", query, person)).toEqual({ text: "hi @Ben Miller ", cursor: 15 });
  expect(withPerson("hi @be there", query, person)).toEqual({
    text: "hi @Ben Miller there",
    cursor: 15,
  });
});
