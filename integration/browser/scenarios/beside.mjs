// A person in a browser edits a sheet while a program edits it, too. Returns the upper left corner at the end,
// which the test compares with the program's.
import { withBrowsers } from "../browser.mjs";

const ROWS = 8;

export function beside(target) {
  return withBrowsers(1, async (ada) => {
    await ada.signIn(target);
    await ada.page.goto(new URL(`/sheets/${target.sheet}`, target.url).href);
    await ada.ready();
    for (let row = 0; row < ROWS; row++) await ada.type(row, 0, `typed ${row}`);
    await ada.choose(2, 0, "insert-above");
    await ada.status("saved", 0);
    // The program writes this as its last edit.
    await ada.sees(0, 2, "the programs are done");
    const corner = [];
    for (let row = 0; row < ROWS; row++) {
      corner.push(await Promise.all([0, 1, 2].map((col) => ada.cell(row, col))));
    }
    ada.check();
    return { corner };
  });
}
