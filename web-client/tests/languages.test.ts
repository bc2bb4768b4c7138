// The languages of an account, as the engine offers them.
import { beforeAll, expect, test } from "vitest";
import { languages, NONE } from "../src/pages/account/languages.ts";
import { loadEngine } from "./opened.ts";

beforeAll(loadEngine);

test("languages stand in the order of their English names, which is that of the engine", () => {
  const [none, ...others] = languages();
  expect(none?.tag).toBe(NONE);
  const names = others.map(({ name }) => name);
  expect(names).toEqual(names.toSorted());
});

test("a language that is not offered stands behind the others", () => {
  const offered = languages();
  const all = languages("es-AR");
  expect(all.slice(0, -1)).toEqual(offered);
  expect(all.at(-1)).toMatchObject({ tag: "es-AR", name: "Spanish (Argentina)" });
});
