import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { MentionSchema } from "../../gen/gridloom/v1/chat_pb.ts";
import { mentionedIn, mentionedWith, namedOf, partsOf } from "./text-parts.ts";

const BEN = { id: "b", name: "Ben" };
const BEN_MILLER = { id: "bm", name: "Ben Miller" };

function kinds(text: string, named = [BEN, BEN_MILLER]): string[] {
  return partsOf(text, named).map((part) => `${part.kind}:${part.text}`);
}

describe("the parts of a text", () => {
  it("are addresses without the signs after them", () => {
    expect(kinds("See (https://example.org/a?b=1), and http://x.org.")).toEqual([
      "text:See (",
      "link:https://example.org/a?b=1",
      "text:), and ",
      "link:http://x.org",
      "text:.",
    ]);
  });

  it("are no addresses of other protocols", () => {
    expect(kinds("javascript:alert(1) file:///etc")).toEqual([
      "text:javascript:alert(1) file:///etc",
    ]);
  });

  it("are mentions, with the longer name first", () => {
    expect(kinds("@Ben Miller and @Ben, hello")).toEqual([
      "mention:@Ben Miller",
      "text: and ",
      "mention:@Ben",
      "text:, hello",
    ]);
  });

  it("are no mentions inside a word or an e-mail address", () => {
    expect(kinds("@Benjamin a@Ben")).toEqual(["text:@Benjamin a@Ben"]);
  });

  it("are together the text", () => {
    const text = "@Ben: https://a.org/@Ben @@Ben\n@Ben Miller!";
    expect(
      partsOf(text, [BEN, BEN_MILLER])
        .map((part) => part.text)
        .join(""),
    ).toBe(text);
  });
});

it("only persons whose name stands in the text are mentioned", () => {
  expect(mentionedIn("@Ben Miller", [BEN, BEN_MILLER])).toEqual([BEN_MILLER]);
  expect(mentionedIn("Ben", [BEN])).toEqual([]);
});

describe("persons with the same name", () => {
  const [first, second] = [
    { id: "1", name: "Ada" },
    { id: "2", name: "Ada" },
  ];
  const ids = (text: string, named = [first, second]) =>
    partsOf(text, named).flatMap((part) => ("id" in part ? [part.id] : []));

  it("have the places of their name in their order", () => {
    expect(ids("@Ada and @Ada")).toEqual(["1", "2"]);
    expect(ids("@Ada, @Ada, @Ada")).toEqual(["1", "2", "2"]);
  });

  it("are mentioned where they were chosen", () => {
    expect(mentionedWith("@Ada and @Ada ", 9, [first], second)).toEqual([first, second]);
    expect(mentionedWith("@Ada and @Ada", 0, [first], second)).toEqual([second, first]);
    expect(mentionedWith("@Ada ", 0, [first], second)).toEqual([second]);
  });
});

it("a mention has the name of its text after the person was renamed", () => {
  const mention = (accountId: string, displayName: string, nameInText: string) =>
    create(MentionSchema, { accountId, displayName, nameInText });
  const mentions = [mention("b", "Ben", "Benjamin"), mention("e", "Eve", ""), mention("g", "", "")];
  expect(namedOf(mentions)).toEqual([
    { id: "b", name: "Benjamin" },
    { id: "e", name: "Eve" },
  ]);
});
