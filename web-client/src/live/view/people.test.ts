import { create, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { PresenceChangeSchema } from "../../gen/gridloom/v1/live_pb.ts";
import { colorOf, readPeople } from "./people.ts";

test("a person has one colour", () => {
  expect(colorOf("one")).toBe(colorOf("one"));
  expect(new Set(["a", "b", "c", "d"].map(colorOf)).size).toBeGreaterThan(1);
});

test("people are read with their positions and sorted by name", () => {
  const bytes = toBinary(
    PresenceChangeSchema,
    create(PresenceChangeSchema, {
      present: [
        { sessionId: "2", accountId: "x", displayName: "Zoe" },
        {
          sessionId: "1",
          accountId: "y",
          displayName: "Ada",
          cursor: { row: 3, col: 1 },
          selections: [{ rows: { start: 3, count: 2 }, cols: { start: 1, count: 4 } }, {}],
        },
      ],
    }),
  );
  const [ada, zoe] = readPeople(bytes);
  expect(ada).toMatchObject({ name: "Ada", cursor: { row: 3, col: 1 } });
  expect(ada?.selected).toEqual([{ row: 3, col: 1, height: 2, width: 4 }]);
  expect(zoe).toMatchObject({ name: "Zoe", cursor: undefined, selected: [] });
});
