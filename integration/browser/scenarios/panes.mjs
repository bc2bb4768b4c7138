// Several sheets in one window: tabs of those opened lately, and sheets side by side. Each pane is live, keys go to the
// one that has the focus, and a closed pane keeps its unsent edits.
import { accessible } from "../axe.mjs";
import { equal, Person, withBrowsers } from "../browser.mjs";
import { keepsDrafts } from "../drafts.mjs";

const NAMES = ["Plan", "Stock", "Notes"];

export function panes(target) {
  const { scheme = "light" } = target;
  return withBrowsers(2, async (ada, ben) => {
    await ada.page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    await ada.context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await ada.signUp(target);
    const ids = await createAll(ada, target);
    await ben.signIn(target);
    await tabs(ada, ids);
    const shots = (name) => accessible(ada.page, `${name}-${scheme}`);
    await shots("tabs");
    await openBeside(ada, ids);
    await shots("panes");
    await live(ada, ben, ids, target);
    await keys(ada, ids);
    await copies(ada, ids);
    await divider(ada, ids);
    await swaps(ada, ids);
    await closes(ada, ben, ids);
    await again(ada, ids);
    await crowded(ada, ids, target);
    await narrow(ada, ids, shots);
    await allTabs(ada, ids, target);
    await restored(ada, ben, ids, target);
    await gone(ada, ben, ids, target);
    ada.check();
    ben.check();
    return {};
  });
}

/** Creates the sheets; returns their ids. */
async function createAll(ada, target) {
  const ids = [];
  for (const name of NAMES) {
    await ada.page.goto(new URL("/", target.url).href);
    await ada.at("account").waitFor();
    await ada.createSheet(name);
    ids.push(new URL(ada.page.url()).pathname.split("/").at(-1));
  }
  return ids;
}

function tab(person, name) {
  return person.at("sheet-tab").filter({ hasText: name });
}

/** Waits until the tabs have these names. */
async function tabsAre(person, names) {
  await person.page.waitForFunction(
    (wanted) =>
      [...document.querySelectorAll('[data-testid="sheet-tab"]')]
        .map((tab) => tab.textContent)
        .join() === wanted,
    names.join(),
  );
}

/** Waits until the active pane is that of a sheet, and its cells have the keyboard. */
function active(person, id) {
  return person.page.waitForFunction(
    (id) =>
      document.activeElement?.closest('[data-testid="pane"][data-active="true"]')?.dataset.sheet ===
        id && document.activeElement.dataset.testid === "cell-entry",
    id,
  );
}

/** Waits until these sheets stand side by side. */
async function shows(person, ids) {
  await person.page.waitForFunction(
    (wanted) =>
      [...document.querySelectorAll('[data-testid="pane"]')]
        .map(({ dataset }) => dataset.sheet)
        .join() === wanted,
    ids.join(),
  );
  const once = ids.filter((id) => ids.indexOf(id) === ids.lastIndexOf(id));
  for (const id of once) await person.beside(id).ready();
}

async function tabs(ada, [plan, stock, notes]) {
  await tabsAre(ada, NAMES);
  await ada.click(3, 1);
  await ada.standsAt("B, row 4");
  await tab(ada, "Plan").click();
  await shows(ada, [plan]);
  await active(ada, plan);
  equal(await ada.page.title(), "Plan · Gridloom", "the title");
  // A sheet that the page returns to is where it was left.
  await ada.press("Control+Alt+PageUp");
  await active(ada, notes);
  await ada.standsAt("B, row 4");
  await ada.press("Control+Alt+PageUp");
  await active(ada, stock);
  // A text that is being typed is written before its sheet is left.
  await ada.keys("typed", "Control+Alt+PageDown");
  await active(ada, notes);
  await ada.press("Control+Alt+PageUp");
  await ada.sees(0, 0, "typed");

  // By keyboard: arrow keys, moving, and the menu of a tab.
  await tab(ada, "Stock").focus();
  await ada.press("ArrowRight", "Alt+Shift+ArrowLeft");
  await tabsAre(ada, ["Plan", "Notes", "Stock"]);
  await ada.page.locator(":focus").filter({ hasText: "Notes" }).waitFor();
  await ada.press("Alt+Shift+ArrowRight");
  await tabsAre(ada, NAMES);
  await tab(ada, "Notes").dragTo(tab(ada, "Plan"));
  await tabsAre(ada, ["Notes", "Plan", "Stock"]);
  await tab(ada, "Notes").dragTo(tab(ada, "Stock"));
  await tabsAre(ada, NAMES);
}

async function openBeside(ada, [plan, stock]) {
  await tab(ada, "Plan").click();
  await active(ada, plan);
  await tab(ada, "Stock").focus();
  await ada.press("ContextMenu");
  await ada.at("tab-beside").click();
  await shows(ada, [plan, stock]);
  await active(ada, stock);
  equal(new URL(ada.page.url()).search, `?beside=${stock}`, "the address");
  equal(await ada.page.title(), "Stock · Gridloom", "the title");
}

/** Edits of another person arrive in both panes, and own ones arrive there. */
async function live(ada, ben, [plan, stock], target) {
  const other = new Person(ben.context, await ben.context.newPage());
  for (const [person, id] of [
    [ben, plan],
    [other, stock],
  ]) {
    await person.page.goto(new URL(`/sheets/${id}`, target.url).href);
    await person.ready();
  }
  await ben.type(1, 0, "from Ben");
  await other.type(1, 0, "for Stock");
  await ada.beside(plan).sees(1, 0, "from Ben");
  await ada.beside(stock).sees(1, 0, "for Stock");
  await ada.beside(plan).type(2, 0, "into Plan");
  await ada.beside(stock).type(2, 0, "into Stock");
  await ben.sees(2, 0, "into Plan");
  await other.sees(2, 0, "into Stock");
  other.check();
  await other.page.close();
}

/** Keys, dialogs and the title are those of the focused pane alone. */
async function keys(ada, [plan, stock]) {
  const [left, right] = [ada.beside(plan), ada.beside(stock)];
  await right.click(5, 1);
  await right.standsAt("B, row 6");
  await left.click(0, 0);
  await left.standsAt("A, row 1");
  await active(ada, plan);
  equal(await ada.page.title(), "Plan · Gridloom", "the title");
  await ada.press("ArrowDown", "ArrowDown", "ArrowRight");
  await left.standsAt("B, row 3");
  await right.standsAt("B, row 6");
  // A key without a focus reaches the active pane.
  await ada.page.evaluate(() => document.activeElement.blur());
  await ada.press("ArrowRight");
  await left.standsAt("C, row 3");
  await right.standsAt("B, row 6");
  await ada.press("Control+g");
  await ada.at("prompt-input").fill("50");
  await ada.press("Enter");
  await left.standsAt("C, row 50");
  await right.standsAt("B, row 6");
  await active(ada, plan);
  await ada.press("Control+/");
  await ada.page.getByRole("dialog").waitFor();
  equal(await ada.page.getByRole("dialog").count(), 1, "the dialogs");
  await ada.press("Escape");
  await ada.page.getByRole("dialog").waitFor({ state: "detached" });
  await ada.press("Control+Home");
  await left.standsAt("A, row 1");
  // Undo is about the own pane.
  await left.type(3, 0, "undone");
  await right.type(3, 0, "stays");
  await right.saved();
  await left.saved();
  await left.click(3, 0);
  await ada.press("Control+z");
  await left.sees(3, 0, "");
  await right.sees(3, 0, "stays");
  await ada.press("Control+Alt+Shift+PageDown");
  await active(ada, stock);
  await ada.press("Control+Alt+Shift+PageDown");
  await active(ada, plan);
}

/** A copy in one pane has the same kinds of values in the other. */
async function copies(ada, [plan, stock]) {
  const [left, right] = [ada.beside(plan), ada.beside(stock)];
  await left.click(10, 0);
  await ada.keys("'12", "Tab", "12", "Tab", "true", "Enter");
  await left.click(10, 0);
  await ada.press("Shift+ArrowRight", "Shift+ArrowRight", "Control+c");
  await right.click(12, 0);
  await ada.press("Control+v");
  await right.sees(12, 1, "12");
  for (const [col, wanted] of ["'12", "12", "true"].entries()) {
    await right.click(12, col);
    await right.standsAt(`${"ABC"[col]}, row 13`);
    await ada.press("F2");
    await right.editor().waitFor();
    equal(await right.at("cell-entry").inputValue(), wanted, `column ${col} of the copy`);
    await ada.press("Escape");
  }
  equal(await left.cell(12, 0), "", "the other pane");
}

/** The width by keyboard and mouse; it and the panes outlive a reload. */
async function divider(ada, [plan, stock]) {
  const line = ada.at("pane-divider");
  const value = async () => Number(await line.getAttribute("aria-valuenow"));
  equal(await value(), 50, "the width in percent");
  await line.focus();
  await ada.press("ArrowRight", "Shift+ArrowRight");
  equal(await value(), 62, "the width in percent");
  await ada.page.reload();
  await shows(ada, [plan, stock]);
  await active(ada, plan);
  await line.waitFor();
  equal(await value(), 62, "the width in percent");
  const box = await line.boundingBox();
  const x = box.x + box.width / 2;
  await ada.page.mouse.move(x, 400);
  await ada.page.mouse.down();
  await ada.page.mouse.move(x - 256, 420, { steps: 4 });
  await ada.page.mouse.up();
  equal(await value(), 42, "the width in percent");
  await line.dblclick();
  equal(await value(), 50, "the width in percent");
  // No cell was selected on the way.
  await ada.beside(plan).standsAt("A, row 1");
}

async function swaps(ada, [plan, stock]) {
  await ada.beside(stock).click(4, 1);
  await ada.beside(plan).at("pane-more").click();
  await ada.at("pane-right").click();
  await shows(ada, [stock, plan]);
  await active(ada, plan);
  await ada.beside(stock).standsAt("B, row 5");
  await ada.beside(plan).at("pane-more").click();
  await ada.at("pane-left").click();
  await shows(ada, [plan, stock]);
}

/** A pane is closed with an edit that was not sent: it is kept, and sent when the sheet is opened again. */
async function closes(ada, ben, [plan, stock]) {
  await ada.context.setOffline(true);
  await ada.beside(stock).status("offline");
  await ada.beside(stock).type(7, 0, "kept");
  await ada.beside(stock).status("offline", 1);
  await ada.beside(stock).at("pane-close").click();
  await shows(ada, [plan]);
  await active(ada, plan);
  await keepsDrafts(ada.page, 1, "kept");
  await ada.context.setOffline(false);
  await tab(ada, "Stock").click();
  await shows(ada, [stock]);
  await ada.sees(7, 0, "kept");
  await ada.status("saved", 0);
  await ben.page.goto(ada.page.url());
  await ben.ready();
  await ben.sees(7, 0, "kept");
}

/** One sheet twice: each pane has its own selection. */
async function again(ada, [, stock]) {
  await ada.at("beside").click();
  await ada.at("beside-again").click();
  const both = ada.beside(stock);
  await both.at("grid").nth(1).waitFor();
  const [first, second] = [0, 1].map((n) => both.at("selection").nth(n));
  await second.getByText("A, row 1", { exact: true }).waitFor();
  await ada.press("ArrowDown");
  await second.getByText("A, row 2", { exact: true }).waitFor();
  equal(await first.textContent(), "A, row 9", "the selection of the other pane");
  await ada.keys("once", "Enter");
  await ada.page.waitForFunction(
    () =>
      [...document.querySelectorAll("#glide-cell-1-1")].map((cell) => cell.textContent).join() ===
      "once,once",
  );
  await both.at("pane-close").nth(1).click();
  await shows(ada, [stock]);
}

/** At most four sheets; a window that is too narrow says what it leaves out. */
async function crowded(ada, [plan, stock, notes], target) {
  await ada.page.setViewportSize({ width: 1400, height: 800 });
  const beside = [stock, notes, plan, stock].join();
  await ada.page.goto(new URL(`/sheets/${plan}?beside=${beside}`, target.url).href);
  await shows(ada, [plan, stock, notes, plan]);
  await ada.page.getByText("1 more sheet").waitFor();
  equal(await ada.at("beside").isDisabled(), true, "the button without room");
  await ada.page.setViewportSize({ width: 1000, height: 800 });
  await shows(ada, [plan, stock]);
  await ada.page.getByText("3 more sheets").waitFor();
}

/** On a phone one sheet is shown, and the tabs are a menu. */
async function narrow(ada, [plan, stock], look) {
  await ada.page.setViewportSize({ width: 390, height: 844 });
  await shows(ada, [plan]);
  await ada.at("sheet-tabs").waitFor({ state: "detached" });
  await ada.at("tabs-open").click();
  await ada.at("menu").waitFor();
  await look("tabs-phone");
  await ada.at("tab-item").filter({ hasText: "Stock" }).click();
  await shows(ada, [stock]);
  await active(ada, stock);
  await ada.page.setViewportSize({ width: 1280, height: 800 });
}

/** The tabs are the same in all tabs of the browser. */
async function allTabs(ada, [plan, stock, notes], target) {
  await ada.page.goto(new URL(`/sheets/${stock}`, target.url).href);
  await shows(ada, [stock]);
  const other = new Person(ada.context, await ada.context.newPage());
  await other.page.goto(new URL(`/sheets/${plan}`, target.url).href);
  await other.ready();
  await tabsAre(other, NAMES);
  await tab(other, "Notes").focus();
  await other.press("Delete");
  await tabsAre(other, ["Plan", "Stock"]);
  await tabsAre(ada, ["Plan", "Stock"]);
  await other.page.goto(new URL(`/sheets/${notes}`, target.url).href);
  await other.ready();
  await tabsAre(ada, NAMES);
  await other.at("sheet-title").click();
  await other.at("prompt-input").fill("Remarks");
  await other.at("prompt-submit").click();
  await tabsAre(ada, ["Plan", "Stock", "Remarks"]);
  other.check();
  await other.page.close();
}

async function deletes(person, name, target) {
  await person.page.goto(new URL("/", target.url).href);
  await person.at("sheet-row").filter({ hasText: name }).getByTestId("more").click();
  await person.at("delete").click();
  await person.at("toast-info").filter({ hasText: "was deleted" }).waitFor();
}

/** The tab of a sheet on the screen leaves when the sheet is deleted, and comes back with it. */
async function restored(ada, ben, [plan, , notes], target) {
  await ada.page.goto(new URL(`/sheets/${plan}?beside=${notes}`, target.url).href);
  await shows(ada, [plan, notes]);
  await deletes(ben, "Remarks", target);
  await ada.beside(notes).at("closed-banner").waitFor();
  await tabsAre(ada, ["Plan", "Stock"]);
  await ada.beside(notes).at("restore-sheet").click();
  await tabsAre(ada, ["Plan", "Stock", "Remarks"]);
  await ada.beside(notes).type(15, 0, "restored");
  await ada.beside(notes).status("saved", 0);
  await ada.beside(notes).at("pane-close").click();
  await shows(ada, [plan]);
}

/** A sheet that was deleted leaves the tabs, with a message; signing out leaves none. */
async function gone(ada, ben, [plan], target) {
  await deletes(ben, "Remarks", target);
  await ada.page.goto(new URL(`/sheets/${plan}`, target.url).href);
  await ada.ready();
  await ada.at("toast-info").filter({ hasText: "“Remarks” was deleted" }).waitFor();
  await tabsAre(ada, ["Plan", "Stock"]);
  const item = () =>
    ada.page.evaluate(() => Object.keys(localStorage).filter((key) => /^gridloom.tabs/.test(key)));
  equal((await item()).length, 1, "the stored tabs");
  await ada.at("account").click();
  await ada.at("sign-out").click();
  await ada.at("submit").waitFor();
  equal(await item(), [], "the stored tabs");
}
