import { describe, expect, it } from "vitest";
import { mentionedIn, partsOf } from "./text-parts.ts";

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
