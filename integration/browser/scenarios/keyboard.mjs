// The sheet has the focus after every action: the next arrow key moves the cursor.
import { equal, withBrowsers } from "../browser.mjs";

export function keyboard(target) {
  return withBrowsers(1, async (ada) => {
    // The first page focuses the field for the address.
    await ada.page.goto(new URL("/", target.url).href);
    await ada.at("email").and(ada.page.locator(":focus")).waitFor();
    await ada.keys(target.email);
    equal(await ada.at("email").inputValue(), target.email, "the address");
    await ada.signUp(target);
    await ada.createSheet("Keys");
    await ada.standsAt("A, row 1");
    await ada.keys("ArrowDown");
    await ada.standsAt("A, row 2");

    await ada.press("Control+g");
    await ada.at("prompt-input").fill("51");
    await ada.press("Enter");
    await ada.standsAt("A, row 51");
    await ada.keys("ArrowDown", "there", "Enter");
    await ada.sees(51, 0, "there");
    await ada.press("Control+g");
    await ada.at("prompt").waitFor();
    await ada.press("Escape");
    await ada.at("prompt").waitFor({ state: "detached" });
    await ada.press("ArrowDown");
    await ada.standsAt("A, row 54");

    await ada.press("Control+Home", "Escape", "Escape", "ArrowDown");
    await ada.standsAt("A, row 2");
    await ada.press("F2");
    await ada.editor().waitFor();
    await ada.press("Escape", "Escape", "ArrowDown");
    await ada.standsAt("A, row 3");

    await lines(ada);
    await buttons(ada);
    await blocks(ada);
    ada.check();
    return {};
  });
}

/** A selection of rows or columns has a cursor, from which the keyboard continues. */
async function lines(ada) {
  await ada.press("Shift+ ", "ArrowDown");
  await ada.standsAt("A, row 4");
  await ada.press("Control+ ", "ArrowRight");
  await ada.standsAt("B, row 4");
  await ada.press("Control+a", "ArrowDown");
  await ada.standsAt("B, row 5");
  await ada.press("Control+Shift+End", "ArrowDown");
  await ada.standsAt("B, row 6");
  await ada.press("Home", "Control+Shift+ArrowRight", "ArrowDown");
  await ada.standsAt("A, row 7");
  await ada.press("Shift+ ", "Shift+PageDown", "Home");
  await ada.standsAt("A, row 7");
  // A click on a column's header, and one on a row's number.
  await ada.press("Control+Home");
  const grid = await ada.at("grid").boundingBox();
  const { x, y } = await ada.point(9, 2);
  await ada.page.mouse.click(x, grid.y + 10);
  await ada.press("ArrowDown");
  await ada.standsAt("C, row 2");
  await ada.page.mouse.click(grid.x + 28, y);
  await ada.press("ArrowDown");
  await ada.standsAt("C, row 11");
}

async function buttons(ada) {
  const rows = Number(await ada.at("size").getAttribute("data-rows"));
  await ada.at("insert-rows").click();
  await ada.seesRows(rows + 1);
  await ada.keys("typed", "Enter");
  await ada.sees(10, 2, "typed");
  await ada.seesRows(rows + 1);
  await ada.at("help").click();
  await ada.press("Escape", "ArrowDown");
  await ada.standsAt("C, row 13");
  await ada.click(10, 2, { button: "right" });
  await ada.at("menu").waitFor();
  await ada.press("Escape");
  await ada.at("menu").waitFor({ state: "detached" });
  await ada.press("ArrowDown");
  await ada.standsAt("C, row 12");
  await ada.choose(10, 2, "clear");
  await ada.press("ArrowDown");
  await ada.standsAt("C, row 12");
  // A reloaded page, before any click.
  await ada.status("saved", 0);
  await ada.page.reload();
  await ada.ready();
  await ada.at("insert-rows").click();
  await ada.seesRows(rows + 2);
}

/** Ctrl with an arrow stops at the edges of blocks of filled cells. */
async function blocks(ada) {
  await ada.press("Control+Home");
  await ada.keys("1", "Enter", "2", "Enter", "3", "Enter");
  await ada.press("ArrowDown", "ArrowDown");
  await ada.keys("6", "Enter");
  await ada.press("Control+Home", "Control+ArrowDown");
  await ada.standsAt("A, row 3");
  await ada.press("Control+ArrowDown");
  await ada.standsAt("A, row 6");
}
