import { expect, test } from "vitest";
import { parseErrand, pathHere } from "./errand.ts";

const home = { path: "/", invitation: "", accountId: "" };

test("a sign-in returns to the page, and never to another server", () => {
  const whole = { path: "/sheets/7?x=1", invitation: "gli_a", accountId: "7" };
  expect(parseErrand(JSON.stringify(whole))).toEqual(whole);
  expect(parseErrand(JSON.stringify({ path: "/account" }))).toEqual({ ...home, path: "/account" });
  const others = ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:x", ""];
  for (const path of others) expect(parseErrand(JSON.stringify({ ...whole, path }))).toEqual(home);
  for (const text of [null, "", "{", "7", '{"path":7}', '{"path":"/a","invitation":null}'])
    expect(parseErrand(text)).toEqual(home);
});

test("the pages around signing in lead to the start page", () => {
  for (const pathname of ["/sign-in", "/sign-up", "/sign-in/callback"])
    expect(pathHere({ pathname, search: "?a" })).toBe("/");
  expect(pathHere({ pathname: "/link/abc", search: "?a" })).toBe("/link/abc?a");
  expect(pathHere({ pathname: "/sign-ins", search: "" })).toBe("/sign-ins");
});
