import { describe, expect, it } from "vitest";
import { type Answer, type Step, type UndoEnvironment, UndoQueue } from "./undo-queue.ts";

const DONE: Answer = { kind: "done" };

/** An environment that answers from a list, and records the calls and the notices. */
function environment(answers: Answer[], saved = true) {
  const calls: [Step, string][] = [];
  const notices: string[] = [];
  let ids = 0;
  const it: UndoEnvironment = {
    saved: async () => saved,
    call: async (step, id) => {
      calls.push([step, id]);
      return answers.shift() ?? DONE;
    },
    newId: () => `id ${++ids}`,
    notify: (_, text) => notices.push(text),
  };
  return { it, calls, notices };
}

describe("undo", () => {
  it("makes one call for each press, in order and with its own request id", async () => {
    const { it: w, calls } = environment([]);
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

  it("repeats the call with the same request id when the network fails", async () => {
    const { it: w, calls, notices } = environment([{ kind: "retry", text: "Away." }, DONE]);
    await new UndoQueue(w).press("undo");
    expect(calls.map(([, id]) => id)).toEqual(["id 1", "id 1"]);
    expect(notices).toEqual([]);
  });

  it("drops the waiting presses when there is nothing to undo", async () => {
    const { it: w, calls, notices } = environment([{ kind: "refused", text: "Nothing to undo." }]);
    const queue = new UndoQueue(w);
    const first = queue.press("undo");
    void queue.press("undo");
    await first;
    expect(calls).toHaveLength(1);
    expect(notices).toEqual(["Nothing to undo."]);
    await queue.press("undo");
    expect(calls).toHaveLength(2);
  });

  it("looks further back for one press while each call finds nothing", async () => {
    const further: Answer = { kind: "further", text: "Nothing yet." };
    const { it: w, calls, notices } = environment([further, further, DONE]);
    await new UndoQueue(w).press("undo");
    expect(calls.map(([, id]) => id)).toEqual(["id 1", "id 2", "id 3"]);
    expect(notices).toEqual([]);
    const endless = environment(Array.from({ length: 1_000 }, () => further));
    await new UndoQueue(endless.it).press("undo");
    expect(endless.calls.length).toBeLessThan(100);
    expect(endless.notices).toEqual(["Nothing yet."]);
  });

  it("makes no call while edits are not saved", async () => {
    const { it: w, calls, notices } = environment([], false);
    await new UndoQueue(w).press("redo");
    expect(calls).toEqual([]);
    expect(notices).toHaveLength(1);
  });
});
