import { expect, test } from "vitest";
import { SignUpRule } from "../../gen/gridloom/v1/accounts_pb.ts";
import { Role } from "../../gen/gridloom/v1/roles_pb.ts";
import { nextOf } from "./next-of.ts";

const operatorContact = "ops@example.org";

test("a person without a letter is informed as the server takes new accounts", () => {
  const next = (signUp: SignUpRule, sendsMail: boolean) =>
    nextOf({ invites: false }, { signUp, sendsMail, operatorContact }, undefined);
  expect(next(SignUpRule.OPEN, false)).toBe(
    " No letter is sent: send the person the address of this sheet.",
  );
  expect(next(SignUpRule.OPEN, true)).toContain("because several were lately");
  expect(next(SignUpRule.INVITED, true)).toContain("because several were lately");
  expect(next(SignUpRule.INVITED, false)).toMatch(/the invitation in the log.*ops@example.org/);
  for (const sendsMail of [true, false])
    expect(next(SignUpRule.CLOSED, sendsMail)).toMatch(/an invitation of this server.*ops@/);
});

test("a letter is named while the person has not come", () => {
  const settings = { signUp: SignUpRule.OPEN, sendsMail: true, operatorContact };
  expect(nextOf({ invites: true }, settings, undefined)).toContain("A letter invites");
  const share = { opened: true } as never;
  expect(nextOf({ share, invites: false }, settings, undefined)).toBe("");
});

test("a changed role of a person who has not come sends no letter, and gives no false reason", () => {
  const settings = { signUp: SignUpRule.OPEN, sendsMail: true, operatorContact };
  const share = { opened: false, role: Role.EDITOR } as never;
  const next = (before: Role) => nextOf({ share, invites: false }, settings, before);
  expect(next(Role.VIEWER)).toContain("No letter is sent for a change of the role.");
  expect(next(Role.EDITOR)).toContain("because several were lately");
});

test("what is shared has its own name", () => {
  const settings = { signUp: SignUpRule.OPEN, sendsMail: false, operatorContact };
  expect(nextOf({ invites: false }, settings, undefined, "file")).toBe(
    " No letter is sent: send the person the address of this file.",
  );
});
