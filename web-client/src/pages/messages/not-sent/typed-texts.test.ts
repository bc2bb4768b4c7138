import { expect, test } from "vitest";
import { typedTexts } from "../../../live/drafts/typed-texts.ts";
import { Kept } from "../../conversation/thread/kept.ts";
import { items } from "../../conversation/thread/test-clock.ts";

const draft = (text: string) => ({ text, mentions: [] });

test("each item that a sign-out counts is found with its thread, the newest first", () => {
  const storage = items();
  const list = (prefix: string) =>
    Array.from({ length: storage.length }, (_, at) => storage.key(at) ?? "")
      .filter((key) => key.startsWith(prefix))
      .map((key) => [key, storage.getItem(key) ?? ""] as const);
  const chat = new Kept(storage, "ada", "sheet:1");
  const comment = new Kept(storage, "ada", "comment/1");
  chat.keepDraft(chat.draftName("x"), draft("a draft"), 4);
  comment.keepDraft(comment.draftName("x"), draft("a comment"), 3);
  chat.keepEdit(chat.editName(7n, "x"), draft("a change"), 2);
  chat.keep({ ...draft("a message"), clientId: "c", at: 1 });
  const link = { sheetId: "1", rowId: "2", columnId: "3", label: "Plan, B2" };
  chat.keepDraft(chat.draftName("y"), { ...draft(""), link }, 5);
  storage.setItem(
    "gridloom.chat.ada/draft/person:2",
    JSON.stringify(draft("of an earlier release")),
  );
  storage.setItem("gridloom.chat.ada/draft/sheet:1/z", "{");
  new Kept(storage, "ben", "sheet:1").keep({ ...draft("of Ben"), clientId: "b", at: 1 });
  const found = typedTexts(list, "ada");
  expect(found.map(({ kind, thread, text }) => [kind, thread, text])).toEqual([
    ["draft", "sheet:1", "Plan, B2"],
    ["draft", "sheet:1", "a draft"],
    ["draft", "comment/1", "a comment"],
    ["edit", "sheet:1", "a change"],
    ["unsent", "sheet:1", "a message"],
    ["draft", "person:2", "of an earlier release"],
    ["other", "sheet:1", "{"],
  ]);
  expect(found.find(({ kind }) => kind === "unsent")?.id).toBe("c");
});
