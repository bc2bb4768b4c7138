import { expect, test } from "vitest";
import { Store } from "../../base/store.ts";
import { type Found, refreshTabs } from "./refresh.ts";
import type { Tabs } from "./tabs.ts";

function setUp(answers: Record<string, Found>, shown: string[] = []) {
  const tabs = new Store<Tabs>(Object.keys(answers).map((id) => ({ id, name: id, at: 0 })));
  const messages: string[] = [];
  const asked: string[] = [];
  const refresh = () =>
    refreshTabs({
      tabs: tabs.get,
      change: (next) => tabs.set(next(tabs.get())),
      isShown: (id) => shown.includes(id),
      find: async (id) => {
        asked.push(id);
        return answers[id] ?? { what: "unknown" };
      },
      notify: (text) => messages.push(text),
    });
  return { tabs, messages, asked, refresh };
}

test("names follow, and what can't be opened any more leaves with a message", async () => {
  const { tabs, messages, refresh } = setUp({
    plan: { what: "there", name: "Plan B" },
    stock: { what: "deleted" },
    pay: { what: "gone" },
    list: { what: "there", name: "list" },
  });
  await refresh();
  expect(tabs.get().map(({ name }) => name)).toEqual(["Plan B", "list"]);
  expect(messages).toEqual([
    "“stock” was deleted. Its tab is closed.",
    "You can no longer open “pay”. Its tab is closed.",
  ]);
});

test("a sheet on the screen is not asked about", async () => {
  const { tabs, asked, refresh } = setUp({ plan: { what: "gone" } }, ["plan"]);
  await refresh();
  expect(asked).toEqual([]);
  expect(tabs.get()).toHaveLength(1);
});

test("without an answer of the server all tabs stay", async () => {
  const { tabs, messages, asked, refresh } = setUp({
    plan: { what: "unknown" },
    stock: { what: "gone" },
  });
  await refresh();
  expect(asked).toEqual(["plan"]);
  expect(tabs.get()).toHaveLength(2);
  expect(messages).toEqual([]);
});
