import { expect, test } from "vitest";
import type { CellValue } from "../../cells/values.ts";
import { type Clip, copiedText, decodeValues, makeClip, oneColumn, readClip } from "./clip.ts";

const ROWS: CellValue[][] = [
  ["007", "'quoted", 7, true],
  [null, "", 'two\nlines\tand "tabs"', 1_714_521_600_000_000n],
  ["<b>&amp;", "1,200", -0.5, false],
  [{ days: -1 }, { micros: -1n }, "2024-05-01", null],
];

/** The attribute as the browser reads it from the HTML. */
function attribute({ html }: Clip): string {
  const quoted = /data-gridloom="([^"]*)"/.exec(html)?.[1] ?? "";
  return quoted
    .replaceAll("&quot;", '"')
    .replaceAll("&gt;", ">")
    .replaceAll("&lt;", "<")
    .replaceAll("&amp;", "&");
}

test("a paste of an own copy has the same kinds, apostrophes and empty texts", () => {
  expect(decodeValues(attribute(makeClip(ROWS)))).toEqual(ROWS);
});

test("a copy contains text, and a table that marks its texts, for other programs", () => {
  const { text, html } = makeClip([["007", 7]]);
  expect(text).toBe("007\t7");
  expect(html).toContain(
    `<td style="mso-number-format:'\\@'">007</td><td x:num="7" sdval="7" sdnum="1033;">7</td>`,
  );
});

test("a number of the table has the text of the person, and is exact for spreadsheets", () => {
  const { html } = makeClip([[-1234.5, true]], [["-1.234,5", "true"]]);
  expect(html).toContain('<table xmlns:x="urn:schemas-microsoft-com:office:excel"');
  expect(html).toContain('<td x:num="-1234.5" sdval="-1234.5" sdnum="1033;">-1.234,5</td>');
  expect(html).toContain("<td>true</td>");
});

test("an instant is exact in each form, whatever the zone", () => {
  // Where clocks are set back in Berlin, two instants are 02:30 there.
  for (const [micros, exact] of [
    [1_729_989_000_000_000n, "2024-10-27T00:30:00Z"],
    [1_729_992_600_000_000n, "2024-10-27T01:30:00Z"],
  ] as const) {
    const { text, html } = makeClip([[micros]]);
    expect(text).toBe(exact);
    expect(html).toContain(`<td>${exact}</td>`);
  }
});

test("the text of a number of a column of numbers has the decimal mark of the person", () => {
  const form = { edited: (value: CellValue) => String(value).replace(".", ",") };
  expect(copiedText(1.234, form)).toBe("1,234");
  expect(copiedText(1.234, undefined)).toBe("1.234");
  expect(copiedText("1.234", form)).toBe("1.234");
  const clip = makeClip([[1.234]], [["1,234"]]);
  expect(clip.text).toBe("1,234");
  expect(decodeValues(attribute(clip))).toEqual([[1.234]]);
});

test.each<[string, string[], string[]]>([
  ["  a\r\nb  c \r\n", ["a", "b c"], ["  a", "b  c "]],
  ['"two\nlines"\n\n', ["two\nlines", ""], ["two\nlines", ""]],
  ['"x"\n  y', ['"x"', "y"], ['"x"', "  y"]],
  ["a b", ["a", "b"], ["a", "b"]],
  ["a\nb", ["a b"], ["a b"]],
])("%j beside a table of %j is pasted as %j", (text, shown, fields) => {
  const column = (rows: string[]) => rows.map((field) => [field]);
  expect(oneColumn(text, column(shown))).toEqual(column(fields));
});

test.each([
  "",
  "null",
  "[]",
  '{"v":2,"rows":[]}',
  '{"v":1,"rows":[1]}',
  '{"v":1,"rows":[[{"t":"x"}]]}',
  '{"v":1,"rows":[[[]]]}',
  '{"v":1,"rows":[[{"days":0.5}]]}',
  '{"v":1,"rows":[[{"l":1}]]}',
  '{"v":1,"rows":[[{"t":"9999999999999999999"}]]}',
])("%s is not an own copy", (json) => {
  expect(decodeValues(json)).toBeUndefined();
});

const noHtml = (): Document => {
  throw new Error("there is no HTML to parse");
};

test("a clipboard with text alone is pasted as text; an empty one pastes nothing", () => {
  expect(readClip({ text: "1,200\n3,400", html: "" }, noHtml)).toEqual({
    kind: "fields",
    rows: [["1,200"], ["3,400"]],
  });
  expect(readClip({ text: "", html: "" }, noHtml)).toBeUndefined();
  expect(readClip({ text: "", html: "<img src=x>" }, noHtml)).toBeUndefined();
});
