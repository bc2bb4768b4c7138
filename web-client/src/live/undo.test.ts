import { describe, expect, it } from "vitest";
import { type Answer, type Step, UndoQueue, type UndoWorld } from "./undo.ts";

const DONE: Answer = { kind: "done" };

/** A world that answers from a list, and notes what it was asked and told. */
function world(answers: Answer[], saved = true) {
  const calls: [Step, string][] = [];
  const told: string[] = [];
  let ids = 0;
  const it: UndoWorld = {
    saved: async () => saved,
    call: async (step, id) => {
      calls.push([step, id]);
      return answers.shift() ?? DONE;
    },
    newId: () => `id ${++ids}`,
    tell: (_, text) => told.push(text),
  };
  return { it, calls, told };
}

describe("undo", () => {
  it("asks for each press in order, each under a name of its own", async () => {
    const { it: w, calls } = world([]);
    const queue = new UndoQueue(w);
    const first = queue.press("undo");
    void queue.press("undo");
    void queue.press("redo");
    await first;
    expect(calls).toEqual([
      ["undo", "id 1"],
      ["undo", "id 2"],
      ["redo", "id 3"],
    ]);
  });

  it("asks again under the same name when the network fails", async () => {
    const { it: w, calls, told } = world([{ kind: "retry", text: "Away." }, DONE]);
    await new UndoQueue(w).press("undo");
    expect(calls.map(([, id]) => id)).toEqual(["id 1", "id 1"]);
    expect(told).toEqual([]);
  });

  it("gives up the presses that wait when there is nothing to undo", async () => {
    const { it: w, calls, told } = world([{ kind: "refused", text: "Nothing to undo." }]);
    const queue = new UndoQueue(w);
    const first = queue.press("undo");
    void queue.press("undo");
    await first;
    expect(calls).toHaveLength(1);
    expect(told).toEqual(["Nothing to undo."]);
    await queue.press("undo");
    expect(calls).toHaveLength(2);
  });

  it("asks for nothing while edits are not saved", async () => {
    const { it: w, calls, told } = world([], false);
    await new UndoQueue(w).press("redo");
    expect(calls).toEqual([]);
    expect(told).toHaveLength(1);
  });
});
