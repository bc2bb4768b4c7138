import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { ThreadKind } from "../../gen/gridloom/v1/chat_pb.ts";
import { NoticeKind, NoticeSchema } from "../../gen/gridloom/v1/notices_pb.ts";
import { GIVEN_ROLES } from "../shared/roles.ts";
import { noticeView } from "./notice-text.ts";
import { numbered } from "./title.ts";

const [VIEWER, , EDITOR] = GIVEN_ROLES;

type Init = MessageInitShape<typeof NoticeSchema>;

function view(init: Init) {
  const by = { actorId: "b", actorName: "Ben", sheetId: "s", sheetName: "Plan" };
  return noticeView(create(NoticeSchema, { ...by, ...init }));
}

const PLACES = {
  comment: { threadId: "t", sheetId: "s", kind: ThreadKind.COMMENT },
  sheet: { threadId: "t", sheetId: "s", kind: ThreadKind.SHEET },
  persons: { threadId: "t", kind: ThreadKind.PERSONS },
};

test("a mention leads to its comment, its chat or its person", () => {
  const message = { text: "@Ada  see\nthis" };
  const kind = NoticeKind.MENTION;
  expect(view({ kind, message, place: PLACES.comment })).toEqual({
    text: "Ben mentioned you in “Plan”",
    excerpt: "@Ada see this",
    to: "/sheets/s?comment=t",
  });
  expect(view({ kind, message, place: PLACES.sheet }).to).toBe("/sheets/s?panel=chat");
  expect(view({ kind, message, place: PLACES.persons })).toMatchObject({
    text: "Ben mentioned you",
    to: "/messages/person/b",
  });
  // The account is deleted.
  const gone = { kind, message, place: PLACES.persons, actorId: "", actorName: "" };
  expect(view(gone)).toMatchObject({
    text: "A deleted account mentioned you",
    to: "/messages/thread/t",
  });
});

test("a deleted message, and a long one, are shown as such", () => {
  const of = { kind: NoticeKind.COMMENT, place: PLACES.comment };
  expect(view({ ...of, message: { deletedMicros: 5n } }).excerpt).toBe("Message deleted");
  const long = view({ ...of, message: { text: "😀".repeat(500) } });
  expect(long.excerpt).toBe(`${"😀".repeat(200)}…`);
  expect(long.text).toBe("Ben replied to a comment in “Plan”");
});

test("a role is named, and access that has ended leads nowhere", () => {
  expect(view({ kind: NoticeKind.SHARE, role: EDITOR })).toEqual({
    text: "Ben shared “Plan” with you, as editor",
    to: "/sheets/s",
  });
  const kind = NoticeKind.ROLE;
  expect(view({ kind, role: VIEWER }).text).toBe("Your role in “Plan” is viewer now");
  expect(view({ kind })).toEqual({ text: "Your access to “Plan” has ended" });
  expect(view({ kind, sheetName: "" }).text).toBe("Your access to a sheet has ended");
});

test("a file that is shared is named, and leads to its page", () => {
  const file = { fileId: "f", fileName: "stock.csv", sheetId: "", sheetName: "" };
  expect(view({ kind: NoticeKind.SHARE, role: VIEWER, ...file })).toEqual({
    text: "Ben shared “stock.csv” with you, as viewer",
    to: "/file/f",
  });
  const kind = NoticeKind.ROLE;
  expect(view({ kind, ...file }).text).toBe("Your access to “stock.csv” has ended");
});

test("a job says how it ended", () => {
  const kind = NoticeKind.JOB;
  const job = { id: "j", name: "Import of May" };
  expect(view({ kind, job: { ...job, succeeded: true } }).text).toBe("“Import of May” is done");
  expect(view({ kind, job }).text).toBe("“Import of May” has failed");
});

test("a job leads to what it has made, or else to the list of jobs that has it", () => {
  const to = (job: object) =>
    view({ kind: NoticeKind.JOB, job: { id: "j", name: "Save", isListed: true, ...job } }).to;
  expect(to({ succeeded: true, madeFileId: "f" })).toBe("/file/f");
  expect(to({ succeeded: true, sheetId: "s" })).toBe("/sheets/s");
  expect(to({})).toBe("/jobs");
  expect(to({ isListed: false })).toBeUndefined();
});

test("the number stands once before the title, and goes with the last notice", () => {
  expect(numbered("Plan · Gridloom", 3, 100)).toBe("(3) Plan · Gridloom");
  expect(numbered("(3) Plan · Gridloom", 100, 100)).toBe("(99+) Plan · Gridloom");
  expect(numbered("(99+) Plan · Gridloom", 0, 100)).toBe("Plan · Gridloom");
});
