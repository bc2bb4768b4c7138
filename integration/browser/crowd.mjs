// Measures the page of one person in a crowd on one sheet: its CPU, its long frames, its memory; and that each key
// that the person presses is in the cell.
//
//     node integration/browser/crowd.mjs URL [PEOPLE [MOVING [SECONDS]]]
//
// Not a test, and not the server's cost: that is what `persons` measures. The people are guests of a link, each with an
// account of its own, and those who move do so once a second over the rows of the sheet.
import { withBrowsers } from "./browser.mjs";
import { Crowd } from "./crowd/guests.mjs";
import { Meter } from "./crowd/meter.mjs";

const ROWS = 100;
/** Characters that the person types in each second. */
const KEYS_EACH_SECOND = 8;

const [url, people = "1000", moving = "100", seconds = "15"] = process.argv.slice(2);
if (url === undefined) {
  console.error("usage: crowd.mjs URL [PEOPLE [MOVING [SECONDS]]]");
  process.exit(2);
}

await withBrowsers(1, async (ada) => {
  const email = `crowd-${Date.now()}@example.org`;
  await ada.signUp({ url, email, password: "correct horse battery" });
  await ada.createSheet("Crowd");
  await ada.at("share-open").click();
  await ada.at("link-guests").check();
  await ada.at("link-make").click();
  const link = await ada.at("link-address").inputValue();
  await ada.press("Escape");
  const meter = await Meter.of(ada);
  const report = { alone: await measured(ada, meter, 0) };
  const crowd = await Crowd.of(url, decodeURIComponent(link.split("/").pop()), Number(people));
  await ada.page.waitForTimeout(3_000);
  report.still = await measured(ada, meter, 1);
  crowd.move(Number(moving), ROWS);
  report.moving = await measured(ada, meter, 2);
  await shot(ada, "crowd");
  console.log(JSON.stringify({ ...report, people: crowd.size, frames: crowd.frames }, null, 1));
  crowd.end();
  ada.check();
});

/** The page while nothing is pressed, then while a text is typed into a cell of a row. */
async function measured(ada, meter, row) {
  const quiet = await meter.during(() => ada.page.waitForTimeout(Number(seconds) * 1_000));
  const text = "the quick brown fox jumps over the lazy dog ".repeat(3).trim();
  await ada.click(row, 1);
  const typing = await meter.during(async () => {
    await ada.page.keyboard.type(text, { delay: 1_000 / KEYS_EACH_SECOND });
    await ada.press("Enter");
  });
  await ada.sees(row, 1, text).catch(() => undefined);
  const found = await ada.cell(row, 1);
  if (found !== text) await shot(ada, "crowd-lost");
  return { quiet, typing, keysLost: found === text ? 0 : text.length - (found?.length ?? 0) };
}

/** GRIDLOOM_SHOTS=DIR stores screenshots. */
async function shot({ page }, name) {
  const place = process.env.GRIDLOOM_SHOTS;
  if (place !== undefined) await page.screenshot({ path: `${place}/${name}.png` });
}
