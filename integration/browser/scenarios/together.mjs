// Two windows on one sheet show each other's edits, inserts and moves, and have the same cells at the end.
import { equal, withBrowsers } from "../browser.mjs";

/** The upper left corner on a person's screen. */
function corner(person) {
  const cells = [0, 1, 2, 3, 4].flatMap((row) => [0, 1].map((col) => person.cell(row, col)));
  return Promise.all(cells);
}

/** Waits until a person sees the cursor of the other at a position. */
function at(person, place) {
  return person
    .at("person")
    .and(person.page.locator(`[data-at="${place}"]`))
    .waitFor();
}

export function together(target) {
  return withBrowsers(2, async (ada, ben) => {
    await ada.signUp(target);
    await ada.createSheet("Plan");
    await ben.signIn(target);
    await ben.page.goto(ada.page.url());
    await ben.ready();

    // Each person sees the other's cursor, which follows its row when a row is inserted above.
    await ada.at("people").and(ada.page.locator('[data-count="1"]')).waitFor();
    await ben.click(4, 1);
    await at(ada, "4:1");
    await ada.choose(0, 0, "insert-above");
    await ben.seesRows(101);
    await at(ada, "5:1");
    await ada.choose(0, 0, "delete-rows");
    await ben.seesRows(100);
    await at(ada, "4:1");

    await ada.type(0, 0, "from Ada");
    await ben.sees(0, 0, "from Ada");
    await ben.type(1, 1, "from Ben");
    await ada.sees(1, 1, "from Ben");

    await ada.choose(0, 0, "insert-above");
    await ben.seesRows(101);
    await ben.sees(1, 0, "from Ada");
    await ben.sees(2, 1, "from Ben");

    await ben.choose(2, 1, "rows-up");
    await ada.sees(1, 1, "from Ben");
    await ada.sees(2, 0, "from Ada");

    await ada.choose(0, 0, "delete-rows");
    await ben.seesRows(100);

    // Both write the same cell at once: both windows show the edit that the server ordered last.
    await Promise.all([ada.type(3, 0, "Ada's"), ben.type(3, 0, "Ben's")]);
    await Promise.all([ada.status("saved", 0), ben.status("saved", 0)]);
    await ada.type(4, 0, "done");
    await ben.sees(4, 0, "done");
    equal(await corner(ben), await corner(ada), "both windows");
    ada.check();
    ben.check();
    await ben.page.close();
    await ada.at("people").waitFor({ state: "detached" });
    return { corner: await corner(ada) };
  });
}
