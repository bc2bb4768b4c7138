// The menus and dialogs of a sheet by keyboard and by touch: the focus is in the grid after each of them.
import { withBrowsers } from "../browser.mjs";

export function menus(target) {
  return withBrowsers(1, async (ada) => {
    await ada.signUp(target);
    await ada.createSheet("Menus");
    await byKeyboard(ada);
    await submenu(ada);
    await fromTheBar(ada);
    await history(ada);
    await late(ada);
    await byTouch(ada);
    ada.check();
    return {};
  });
}

/** The focus is in the grid: an arrow key moves the cursor from `from` to `to`. */
async function inGrid(ada, from, to, key = "ArrowDown") {
  await ada.page.locator('[data-testid="cell-entry"]:focus').waitFor({ state: "attached" });
  await ada.standsAt(from);
  await ada.press(key);
  await ada.standsAt(to);
}

async function gone(ada, id) {
  await ada.at(id).waitFor({ state: "detached" });
}

async function byKeyboard(ada) {
  await ada.keys("one", "Enter", "two", "Enter");
  await ada.press("Control+Home");
  for (const key of ["ContextMenu", "Shift+F10"]) {
    await ada.press(key);
    await ada.at("menu").waitFor();
    await ada.press("Escape");
    await gone(ada, "menu");
    await inGrid(ada, "A, row 1", "A, row 2");
    await ada.press("ArrowUp");
  }
  // The first letters choose, and the action applies to the cursor's cell.
  await ada.press("Shift+F10");
  await ada.at("menu").waitFor();
  await ada.keys("cle", "Enter");
  await ada.sees(0, 0, "");
  await inGrid(ada, "A, row 1", "A, row 2");
  await ada.press("Control+z", "ArrowUp");
  await ada.sees(0, 0, "one");
  // A second right click moves the menu.
  await ada.click(0, 2, { button: "right" });
  await ada.at("menu").waitFor();
  await ada.choose(1, 0, "clear");
  await ada.sees(1, 0, "");
  await ada.sees(0, 0, "one");
  await inGrid(ada, "A, row 2", "A, row 3");
}

/** The kind of a column is chosen in a submenu; the next item opens a field that has the focus. */
async function submenu(ada) {
  const grid = await ada.at("grid").boundingBox();
  const { x } = await ada.point(0, 1);
  const open = async () => {
    await ada.page.mouse.click(x, grid.y + 10, { button: "right" });
    await ada.at("menu").waitFor();
  };
  await open();
  await ada.keys("k", "ArrowRight");
  // A submenu takes the keys a frame after it has opened.
  await ada.at("submenu").locator("[data-highlighted]:focus").waitFor();
  await ada.keys("num", "Enter");
  await gone(ada, "menu");
  await ada.page.locator('[data-testid="cell-entry"]:focus').waitFor({ state: "attached" });
  await open();
  await ada.at("kind").getByText("Number").waitFor();
  await ada.at("rename-column").click();
  await ada.keys("Price", "Enter");
  await ada.page.locator("th", { hasText: "Price" }).waitFor({ state: "attached" });
  await ada.press("Control+Home");
  await inGrid(ada, "A, row 1", "A, row 2");
}

async function fromTheBar(ada) {
  await ada.at("sheet-title").click();
  await ada.keys("Renamed", "Enter");
  await gone(ada, "prompt");
  await ada.at("sheet-title").getByText("Renamed").waitFor();
  await inGrid(ada, "A, row 2", "A, row 3");
  for (const id of ["sheet-title", "help", "go-to-row", "account"]) {
    await ada.at(id).click();
    await ada.page.locator("[data-cover]").waitFor();
    await ada.press("Escape");
    await ada.page.locator("[data-cover]").waitFor({ state: "detached" });
    await inGrid(ada, "A, row 3", "A, row 4");
    await ada.press("ArrowUp");
  }
  // Letters typed directly after the key that opens a dialog are in the dialog.
  await ada.keys("Control+g", "17", "Enter");
  await inGrid(ada, "A, row 17", "A, row 18");
}

/** A dialog of the history returns the focus to the change from which it was opened. */
async function history(ada) {
  await ada.at("history-open").click();
  await ada.at("change").first().click();
  await ada.at("version").waitFor();
  await ada.press("Escape");
  await gone(ada, "revision");
  await ada.page.locator('[data-testid="change"]:focus').waitFor();
  await ada.press("Escape");
  await gone(ada, "history");
}

/** A long press opens the menu of the cell; a short one and a scroll do not. */
async function byTouch(ada) {
  const touch = await ada.context.newCDPSession(ada.page);
  await touch.send("Emulation.setTouchEmulationEnabled", { enabled: true });
  const send = (type, ...touchPoints) =>
    touch.send("Input.dispatchTouchEvent", { type, touchPoints });
  await ada.press("Control+Home");
  await ada.standsAt("A, row 1");
  const { x, y } = await ada.point(4, 1);
  await send("touchStart", { x, y });
  await ada.at("menu").waitFor();
  await send("touchEnd");
  await ada.at("insert-above").waitFor();
  await ada.standsAt("Price, row 5");
  await ada.press("Escape");
  await gone(ada, "menu");
  await ada.press("ArrowDown");
  await ada.standsAt("Price, row 6");
}

/** A button that is pressed by a key before its menu is loaded opens it with the first item chosen. */
async function late(ada) {
  let give;
  const held = new Promise((done) => (give = done));
  const end = await ada.intercept("**/assets/AnyMenu-*.js", async (route) => {
    await held;
    await route.continue();
  });
  await ada.page.reload();
  await ada.ready();
  await ada.at("export").focus();
  await ada.press("Enter");
  give();
  await ada.at("menu").locator("[data-highlighted]:focus").waitFor();
  await ada.press("Escape");
  await gone(ada, "menu");
  await end();
}
