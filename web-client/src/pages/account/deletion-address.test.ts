import { expect, it } from "vitest";
import { deletionPath, readDeletion } from "./deletion-address.ts";

it.each([
  { fate: undefined, to: "" },
  { fate: "delete", to: "" },
  { fate: "give", to: "ben+1@example.org" },
] as const)("a choice comes back from its path: %j", (choice) => {
  const url = new URL(deletionPath(choice), "http://x");
  expect(url.pathname).toBe("/account");
  expect(readDeletion(url.search)).toEqual(choice);
});

it("an address without a choice opens no form", () => {
  expect(readDeletion("")).toBeUndefined();
  expect(readDeletion("?delete=everything")).toEqual({ fate: undefined, to: "" });
});
