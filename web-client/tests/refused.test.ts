// What the server refuses stays with its author, whatever the reason.
import { Code } from "@connectrpc/connect";
import { beforeAll, expect, test } from "vitest";
import { readUnsaved } from "../src/live/engine/unsaved.ts";
import { load, loadEngine, open, receive } from "./opened.ts";

beforeAll(loadEngine);

const codes = Object.values(Code).filter((code) => typeof code === "number");

test.each(codes)("code %i: the summary lists the cells of the refused edits", (code) => {
  const engine = open();
  load(engine);
  engine.setCells(3, 0, 2, ["typed", 12.5]);
  engine.outgoing();
  engine.setCells(9, 0, 1, ["saved later"]);
  const value = { sequence: 1n, status: { code, message: "no" } };
  const summary = receive(engine, { case: "rejected", value });
  expect(summary.refused).toEqual(["no"]);
  expect(readUnsaved(summary.discarded(), [])).toEqual([
    { row: 4, column: "A", text: "typed" },
    { row: 4, column: "B", text: "12.5" },
  ]);
});
