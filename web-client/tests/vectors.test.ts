// The engine's test vectors, answered by the WebAssembly build: the browser transforms as the server does.
import { readdirSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { answer, initSync } from "../engine/vectors/pkg/web_vectors.js";

interface Vector {
  name: string;
  request: unknown;
  answer: unknown;
}

const folder = new URL("../../ot-engine/tests/vectors/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".json"));

function vectors(file: string): Vector[] {
  return JSON.parse(readFileSync(new URL(file, folder), "utf8"));
}

beforeAll(() => {
  const path = new URL("../engine/vectors/pkg/web_vectors_bg.wasm", import.meta.url);
  initSync({ module: readFileSync(path) });
});

describe.each(files)("%s", (file) => {
  test.each(vectors(file))("$name", (vector) => {
    expect(JSON.parse(answer(JSON.stringify(vector.request)))).toEqual(vector.answer);
  });
});

test("there are vectors", () => {
  expect(files.flatMap(vectors).length).toBeGreaterThan(200);
});
