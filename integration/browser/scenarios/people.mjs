// The people on a sheet: names at their cursors and at the cells that they edit, following one of them, a menu where
// they are many, idle and away people, and no person twice after a reload or with two windows.
import { accessible } from "../axe.mjs";
import { equal, Person, withBrowsers } from "../browser.mjs";

const HIDDEN = { state: "attached" };

export function people(target) {
  return withBrowsers(3, async (ada, ben, cy) => {
    const { scheme: colorScheme = "light" } = target;
    for (const { page } of [ada, ben, cy]) await page.emulateMedia({ colorScheme });
    await ada.signUp(target);
    await ada.createSheet("Crowd");
    const url = ada.page.url();
    const link = await makeLink(ada);
    for (const [guest, name] of [
      [ben, "Ben"],
      [cy, "Cy"],
    ])
      await enter(guest, link, name);
    for (const person of [ada, ben, cy]) await count(person, 2);
    await names(ada, ben);
    await follows(ada, ben);
    await onceOnly(ada, ben, url);
    await crowd(ada);
    await away(ben, ada);
    await idle(ada, ben);
    await leaves(ada, ben, cy);
    for (const person of [ada, ben, cy]) person.check();
    return {};
  });
}

/** Makes a link that guests open, and returns its address. */
async function makeLink(ada) {
  await ada.at("share-open").click();
  await ada.at("link-guests").check();
  await ada.at("link-make").click();
  const address = await ada.at("link-address").inputValue();
  await ada.press("Escape");
  await ada.at("share").waitFor({ state: "detached" });
  return address;
}

async function enter(guest, link, name) {
  await guest.page.goto(link);
  await guest.at("as-guest").click();
  await guest.at("guest-name").fill(name);
  await guest.at("submit").click();
  await guest.ready();
}

function count(person, others) {
  return person
    .at("people")
    .and(person.page.locator(`[data-count="${others}"]`))
    .waitFor();
}

function badge(person, name) {
  return person.at("person").and(person.page.getByRole("button", { name }));
}

/** The name stands above the cell, also after scrolling, and shows that the cell is being edited. */
async function names(ada, ben) {
  await ada.click(4, 1);
  const tag = ben.at("name-tag").getByText("Ada Lovelace", { exact: true });
  await tag.waitFor();
  await standsAbove(ben, tag, 4, 1);
  await ada.typeAndStay(6, 0, "half a word");
  await ben.at("name-tag").getByText("Ada Lovelace …").waitFor();
  await badge(ben, "Follow Ada Lovelace (editing)").waitFor();
  await accessible(ben.page, "people-editing");
  await ada.press("Escape");
  await tag.waitFor();
  await badge(ben, /^Follow Ada Lovelace$/).waitFor();
}

/** Waits until a name stands at the upper left corner of a cell. */
async function standsAbove(person, tag, row, col) {
  const { x, y } = await person.point(row, col);
  const handle = await tag.elementHandle();
  await person.page.waitForFunction(
    ({ tag, x, y }) => {
      const { left, bottom } = tag.getBoundingClientRect();
      return Math.abs(left - (x - 40)) < 12 && Math.abs(bottom - (y - 16)) < 4;
    },
    { tag: handle, x, y },
  );
}

function shows(person, row) {
  return person.page.locator(`#glide-cell-1-${row}`).waitFor(HIDDEN);
}

/** The view of a person that follows scrolls along, until that person scrolls. */
async function follows(ada, ben) {
  await badge(ben, /^Follow Ada/).click();
  await ben.at("follow-stop").getByText("Following Ada Lovelace").waitFor();
  await goTo(ada, 90);
  await shows(ben, 89);
  await ben.at("name-tag").getByText("Ada Lovelace").waitFor();
  await accessible(ben.page, "people-following");
  await ben.standsAt("A, row 1");
  await goTo(ada, 1);
  await shows(ben, 0);
  const { x, y } = await ben.point(3, 0);
  await ben.page.mouse.move(x, y);
  await ben.page.mouse.wheel(0, 64);
  await ben.at("follow-stop").waitFor({ state: "detached" });
  // The keyboard follows and ends it, too.
  await badge(ben, /^Follow Ada/).press("Enter");
  await badge(ben, /^Stop following Ada/).press("Enter");
  await ben.at("follow-stop").waitFor({ state: "detached" });
}

async function goTo(person, row) {
  await person.press("Control+g");
  await person.at("prompt-input").fill(String(row));
  await person.at("prompt-submit").click();
  await person.at("prompt").waitFor({ state: "detached" });
}

/** A reload, and a second window of one account, add no person. */
async function onceOnly(ada, ben, url) {
  await ada.page.reload();
  await ada.ready();
  await count(ada, 2);
  const other = new Person(ada.context, await ada.context.newPage());
  await other.page.goto(url);
  await other.ready();
  // The page shows its own account's other window, once.
  await count(other, 3);
  await other.click(7, 1);
  await ben
    .at("person")
    .and(ben.page.locator('[data-at="7:1"]'))
    .waitFor();
  await count(ben, 2);
  equal(await ben.at("person").count(), 2, "badges of two people with three sessions");
  await badge(ada, /you, in another window/).waitFor();
  other.check();
  await other.page.close();
  await count(ada, 2);
}

/** On a narrow window people are a number with a menu. */
async function crowd(ada) {
  await ada.page.setViewportSize({ width: 390, height: 844 });
  const other = new Person(ada.context, await ada.context.newPage());
  await other.page.goto(ada.page.url());
  await other.ready();
  await count(ada, 3);
  const more = ada.at("people-more");
  await more.getByText("3", { exact: true }).waitFor();
  await more.click();
  await ada.at("person-item").nth(2).waitFor();
  equal(await ada.at("person-item").count(), 3, "people in the menu");
  await accessible(ada.page, "people-menu");
  await ada.at("person-item").filter({ hasText: "Cy" }).click();
  await ada.at("follow-stop").getByText("Following Cy").waitFor();
  await accessible(ada.page, "people-phone");
  await ada.at("follow-stop").click();
  await ada.at("follow-stop").waitFor({ state: "detached" });
  await other.page.close();
  await ada.page.setViewportSize({ width: 1280, height: 800 });
}

/** A person whose window is hidden is away, until it is shown again. */
async function away(ben, ada) {
  await hide(ben, true);
  await badge(ada, "Follow Ben (away)").waitFor();
  await accessible(ada.page, "people-away");
  await hide(ben, false);
  await badge(ada, /^Follow Ben$/).waitFor();
}

/** Hides or shows a window as its page sees it: a page without a screen is never hidden. */
function hide(person, hidden) {
  return person.page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
}

/** A person without a move for minutes is idle, until the next move. The clock of Ada's page goes forward. */
async function idle(ada, ben) {
  await ada.page.clock.install();
  await ada.page.reload();
  await ada.ready();
  await badge(ada, /^Follow Ben$/).waitFor();
  // In steps, with an edit and its answer between two of them: without an answer for half a minute the page connects
  // again, and then all persons are active.
  for (let step = 0; step < 14; step++) {
    await ada.page.clock.runFor("00:25");
    await ada.type(9, 0, `step ${step}`);
    await ben.sees(9, 0, `step ${step}`);
    await ada.saved();
  }
  await badge(ada, "Follow Ben (idle)").waitFor();
  await badge(ada, "Follow Cy (idle)").waitFor();
  await accessible(ada.page, "people-idle");
  await ben.click(5, 2);
  await badge(ada, /^Follow Ben$/).waitFor();
  await badge(ada, "Follow Cy (idle)").waitFor();
}

/** Following ends with a message when the person leaves. */
async function leaves(ada, ben, cy) {
  await badge(ada, /^Follow Ben/).click();
  await ada.at("follow-stop").waitFor();
  ben.check();
  await ben.page.close();
  await ada.page.getByText("Ben has left the sheet").waitFor();
  await ada.at("follow-stop").waitFor({ state: "detached" });
  await count(cy, 1);
}
