// Plain http under a host name that is not localhost: browsers disable several interfaces on such pages (Web
// Locks, the clipboard, random UUIDs). All functions still work: no draft is lost, and no tab takes the draft of
// another.
import { equal, Person, withBrowsers } from "../browser.mjs";
import { keepsDrafts } from "../drafts.mjs";

const HOST = "grid.example";

export function insecure(target) {
  const url = new URL(target.url);
  url.hostname = HOST;
  const there = { ...target, url: url.href };
  const flags = [`--host-resolver-rules=MAP ${HOST} 127.0.0.1`];
  return withBrowsers(1, (ada) => play(ada, there), flags);
}

async function play(ada, target) {
  await ada.signUp(target);
  equal(await ada.page.evaluate(() => isSecureContext), false, "a secure page");
  await ada.createSheet("In the office");
  const url = ada.page.url();
  await ada.type(0, 0, "one");
  await ada.type(0, 0, "two");
  await ada.status("saved", 0);
  await ada.page.keyboard.press("Control+z");
  await ada.sees(0, 0, "one");
  await menus(ada);

  await ada.at("history-open").click();
  await ada.at("change").last().click();
  await ada.at("restore").click();
  await ada.at("revision").waitFor({ state: "detached" });
  await ada.at("panel-close").click();

  await closedTab(ada, url);
  const [later, other] = await twoTabs(ada, url);
  await copyUnsaved(later, other, target);
  later.check();
  other.check();
  return {};
}

/** A tab that is closed without a network leaves its edits to the next tab. */
async function closedTab(ada, url) {
  await ada.context.setOffline(true);
  await ada.status("offline");
  await ada.type(1, 0, "in the tunnel");
  await ada.status("offline", 1);
  await keepsDrafts(ada.page, 1, "in the tunnel");
  ada.check();
  await ada.page.close();
  await ada.context.setOffline(false);
}

/** The next tab saves those edits; no tab takes the unsaved edits of one that is still open. */
async function twoTabs(ada, url) {
  const later = new Person(ada.context, await ada.context.newPage());
  await later.page.goto(url);
  await later.ready();
  await later.sees(1, 0, "in the tunnel");
  await later.status("saved", 0);
  await keepsDrafts(later.page, 0);
  await ada.context.setOffline(true);
  await later.status("offline");
  await later.type(2, 0, "waits in the first tab");
  await keepsDrafts(later.page, 1, "waits in the first tab");
  await ada.context.setOffline(false);
  const other = new Person(ada.context, await ada.context.newPage());
  await other.page.goto(url);
  await other.ready();
  await other.type(3, 0, "from the second tab");
  for (const person of [later, other]) {
    await person.sees(2, 0, "waits in the first tab");
    await person.sees(3, 0, "from the second tab");
    await person.status("saved", 0);
  }
  return [later, other];
}

/** The person can copy the unsaved edits of a deleted sheet. */
async function copyUnsaved(later, other, target) {
  await later.page.route("**/*LiveService/Send", (route) => route.abort());
  await later.type(4, 0, "never sent");
  await other.page.goto(new URL("/", target.url).href);
  await other.at("more").click();
  await other.at("delete").click();
  await later.at("copy-unsaved").click();
  await later.at("copy-unsaved").getByText("Copied").waitFor();
  await other.at("search").fill("");
  await other.page.keyboard.press("Control+v");
  await other.page.waitForFunction(() =>
    document.querySelector('[data-testid="search"]').value.includes("5,A,never sent"),
  );
}

/** Menus copy and cut; the menu's paste names the key to press instead. */
async function menus(ada) {
  await ada.choose(0, 0, "copy");
  await ada.click(5, 0);
  await ada.press("Control+v");
  await ada.sees(5, 0, "one");
  await ada.choose(5, 0, "cut");
  await ada.sees(5, 0, "");
  await ada.click(6, 1);
  await ada.press("Control+v");
  await ada.sees(6, 1, "one");
  await ada.choose(7, 1, "paste");
  await ada.at("toast-info").filter({ hasText: "Press Ctrl V instead" }).waitFor();
}
