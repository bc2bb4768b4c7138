// Copy, cut and paste by key and by menu, of own cells and of the texts and tables of other programs.
import { equal, withBrowsers } from "../browser.mjs";

export function clipboard(target) {
  return withBrowsers(1, async (ada) => {
    await ada.context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await ada.signUp(target);
    await ada.createSheet("Copies");
    await ada.keys("'12", "Tab", "7", "Tab", "'", "Enter", "''x", "Tab", "true", "Tab", "1,200");
    await ada.keys("Enter");

    // A copy of own cells has the same values.
    await ada.press("Control+Home", "Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowDown");
    await ada.press("Control+c");
    await ada.click(4, 0);
    await ada.press("Control+v");
    await ada.sees(5, 2, "1,200");
    await same(ada, "a copy by key");
    await ada.press("Control+z");
    await ada.sees(5, 2, "");

    await byMenu(ada);
    await fromElsewhere(ada);
    ada.check();
    return {};
  });
}

/** The text of a cell in the editor, where an apostrophe distinguishes texts from numbers. */
async function edited(ada, row, col) {
  await ada.click(row, col);
  await ada.standsAt(`${"ABC"[col]}, row ${row + 1}`);
  await ada.press("F2");
  await ada.editor().waitFor();
  const text = await ada.at("cell-entry").inputValue();
  await ada.press("Escape");
  return text;
}

async function same(ada, what) {
  for (const row of [0, 1])
    for (const col of [0, 1, 2]) {
      const wanted = await edited(ada, row, col);
      equal(await edited(ada, row + 4, col), wanted, `${what}, row ${row}, column ${col}`);
    }
}

async function byMenu(ada) {
  await ada.page.evaluate(() => navigator.clipboard.writeText("SENTINEL"));
  await ada.choose(0, 0, "copy");
  await ada.page.waitForFunction(async () => (await navigator.clipboard.readText()) === "12");
  await ada.click(7, 0);
  await ada.press("Control+v");
  await ada.sees(7, 0, "12");
  equal(await edited(ada, 7, 0), "'12", "a copy by menu");
  await ada.choose(0, 0, "cut");
  await ada.sees(0, 0, "");
  await ada.choose(8, 0, "paste");
  await ada.sees(8, 0, "12");
}

async function put(ada, data) {
  await ada.page.evaluate(async (forms) => {
    const event = new ClipboardEvent("paste", { bubbles: true, cancelable: true });
    const data = new DataTransfer();
    for (const [type, text] of Object.entries(forms)) data.setData(type, text);
    Object.defineProperty(event, "clipboardData", { value: data });
    document.querySelector('[data-testid="cell-entry"]').dispatchEvent(event);
  }, data);
}

async function fromElsewhere(ada) {
  // A comma is not a separator.
  await ada.page.evaluate(() => navigator.clipboard.writeText("1,200\n3,400\nDoe, Jane"));
  await ada.click(10, 0);
  await ada.press("Control+v");
  await ada.sees(12, 0, "Doe, Jane");
  equal(await ada.cell(10, 0), "1,200", "a number with a comma");
  equal(await ada.cell(10, 1), "", "its neighbour");

  // Apostrophes are characters there, for a screen reader, too.
  const season = "'tis the season\t'90s\r\n''quoted''\tsalt 'n' pepper\r\n";
  await ada.click(16, 0);
  await put(ada, { "text/plain": season });
  await ada.sees(17, 1, "salt 'n' pepper");
  equal(await ada.cell(16, 0), "'tis the season", "an apostrophe at the begin");
  equal(await ada.cell(16, 1), "'90s", "an apostrophe before digits");
  equal(await ada.cell(17, 0), "''quoted''", "two apostrophes");
  equal(await edited(ada, 16, 1), "''90s", "the same in the editor");

  // A table without a text.
  await ada.click(14, 0);
  const html =
    "<p>x</p><table><tr><td>a<br>b</td><td>'9</td></tr><tr><td colspan=2>c</td></tr></table>";
  await put(ada, { "text/html": html });
  await ada.sees(14, 0, "a\nb");
  await ada.sees(14, 1, "'9");
  await ada.sees(15, 0, "c");

  // An empty clipboard causes a notice.
  await put(ada, { "text/plain": "" });
  await ada.at("toast-info").filter({ hasText: "no text on the clipboard" }).waitFor();
}
