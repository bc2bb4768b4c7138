// What changes about an open sheet besides its cells is shown without a reload: its name, in the bar, in the title of
// the window, in the tabs and in a pane beside another sheet; its roles in an open dialog; the name of a person.
import { equal, Person, withBrowsers } from "../browser.mjs";

export function renames(target) {
  return withBrowsers(2, async (ada, ben) => {
    await ada.signUp(target);
    // One sheet alone has no tab.
    await ada.createSheet("Stock");
    await ada.page.goto(new URL("/", target.url).href);
    await ada.createSheet("Plan");
    const plan = idOf(ada);
    const email = `ben-${target.email}`;
    await ada.shareWith(email);
    await ben.signUp({ ...target, email });
    await ben.createSheet("Notes");
    const notes = idOf(ben);
    await ben.page.goto(new URL(`/sheets/${plan}`, target.url).href);
    await ben.ready();
    await alone(ada, ben);
    await beside(ada, ben, plan, notes);
    await offline(ada, ben);
    await both(ada, ben);
    const url = new URL(`/sheets/${plan}`, target.url).href;
    await roles(ada, url, target);
    await persons(ada, ben, url);
    for (const person of [ada, ben]) person.check();
    return {};
  });
}

function idOf(person) {
  return new URL(person.page.url()).pathname.split("/").at(-1);
}

async function rename(person, name) {
  await person.at("sheet-title").click();
  await person.at("prompt-input").fill(name);
  await person.at("prompt-submit").click();
}

/** Waits until the bar, the title of the window and a tab have a name. */
async function isNamed(person, name, bar = person) {
  await bar.at("sheet-title").getByText(name, { exact: true }).waitFor();
  await person.page.waitForFunction((title) => document.title.endsWith(title), `${name} · Gridloom`);
  await person.at("sheet-tab").filter({ hasText: name }).waitFor();
}

async function alone(ada, ben) {
  await rename(ada, "Plan of May");
  await isNamed(ada, "Plan of May");
  await isNamed(ben, "Plan of May");
  await rename(ben, "Plan of June");
  await isNamed(ben, "Plan of June");
  await isNamed(ada, "Plan of June");
  // After an own name, too.
  await rename(ada, "Plan of July");
  await isNamed(ben, "Plan of July");
  await isNamed(ada, "Plan of July");
}

/** The pane that is not the active one follows, too; the title of the window is that of the active one. */
async function beside(ada, ben, plan, notes) {
  await ben.page.goto(new URL(`/sheets/${plan}?beside=${notes}`, ben.page.url()).href);
  const [left, right] = [ben.beside(plan), ben.beside(notes)];
  await left.ready();
  await right.ready();
  await right.click(1, 1);
  await ben.page.waitForFunction(() => document.title.endsWith("Notes · Gridloom"));
  await rename(ada, "Plan of August");
  await left.at("sheet-title").getByText("Plan of August", { exact: true }).waitFor();
  await ben.at("sheet-tab").filter({ hasText: "Plan of August" }).waitFor();
  equal((await ben.page.title()).endsWith("Notes · Gridloom"), true, "the title is of the other");
  await left.click(1, 1);
  await isNamed(ben, "Plan of August", left);
  await right.at("pane-close").click();
  await right.at("pane-close").waitFor({ state: "detached" });
}

/** A name that was given while a page was offline is there when it is back. */
async function offline(ada, ben) {
  await ben.context.setOffline(true);
  await ben.status("offline");
  await rename(ada, "Plan of September");
  await isNamed(ada, "Plan of September");
  await ben.context.setOffline(false);
  await isNamed(ben, "Plan of September");
}

/** Two names at the same time, then a third one. */
async function both(ada, ben) {
  const renamed = ({ page }) => page.waitForResponse((it) => it.url().endsWith("/UpdateSheet"));
  const answered = Promise.all([renamed(ada), renamed(ben)]);
  await Promise.all([rename(ada, "By Ada"), rename(ben, "By Ben")]);
  await answered;
  await rename(ada, "Plan");
  await isNamed(ada, "Plan");
  await isNamed(ben, "Plan");
}

/** The open list of roles and links follows in another window of the owner. */
async function roles(ada, url, target) {
  const other = new Person(ada.context, await ada.context.newPage());
  await other.page.goto(url);
  await other.ready();
  await other.at("share-open").click();
  await other.at("share-row").nth(1).waitFor();
  equal(await other.at("link-row").count(), 0, "links before one is made");
  await ada.at("share-open").click();
  await ada.at("link-make").click();
  await other.at("link-row").waitFor();
  await ada.at("share-email").fill(`cy-${target.email}`);
  await ada.at("share-submit").click();
  await other.at("share-row").filter({ hasText: `cy-${target.email}` }).waitFor();
  await ada.press("Escape");
  await ada.at("share").waitFor({ state: "detached" });
  other.check();
  await other.page.close();
}

/** A person's new name is on the open sheet of the others. */
async function persons(ada, ben, url) {
  const other = new Person(ben.context, await ben.context.newPage());
  await ada.page.getByRole("button", { name: /^Follow Ada Lovelace/ }).waitFor();
  await other.page.goto(new URL("/account", url).href);
  await other.at("account-display-name").fill("Ben Nevis");
  await other.at("name-submit").click();
  await ada.page.getByRole("button", { name: /^Follow Ben Nevis/ }).waitFor();
  other.check();
  await other.page.close();
}
