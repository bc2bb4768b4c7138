import { expect, test } from "vitest";
import { Role } from "../../../gen/gridloom/v1/roles_pb.ts";
import { mayEditFile, ownsFile, SCOPES, scopeValue } from "./file-roles.ts";
import { sharingText } from "./sharing-text.ts";

const OWN = { role: Role.OWNER, ownerName: "", sharedWith: 0 };

test("an own file shows with whom it is shared, that of another person whose it is", () => {
  expect(sharingText(OWN)).toBeUndefined();
  expect(sharingText({ ...OWN, sharedWith: 1 })).toBe("Shared with 1 person");
  expect(sharingText({ ...OWN, sharedWith: 2 })).toBe("Shared with 2 persons");
  const other = { role: Role.VIEWER, ownerName: "Ada", sharedWith: 0 };
  expect(sharingText(other)).toBe("Ada · Viewer");
  expect(sharingText({ ...other, role: Role.EDITOR })).toBe("Ada · Editor");
});

test("a file of a server without roles is an own one", () => {
  const roles = [Role.UNSPECIFIED, Role.OWNER, Role.EDITOR, Role.VIEWER];
  expect(roles.map((role) => ownsFile({ role }))).toEqual([true, true, false, false]);
  expect(roles.map((role) => mayEditFile({ role }))).toEqual([true, true, true, false]);
});

test("each scope has a value of its own", () => {
  const values = SCOPES.map(({ scope }) => scopeValue(scope));
  expect(new Set(values).size).toBe(SCOPES.length);
});
