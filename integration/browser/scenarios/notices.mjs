// The notices of a person: their number in every tab, the list with its older pages, what is read in one tab is read in
// the others, short messages on a page in view, and one on the desktop while none is.
//
// GRIDLOOM_SHOTS=DIR stores screenshots.
import { accessible } from "../axe.mjs";
import { equal, Person, withBrowsers } from "../browser.mjs";

/** How long a page collects arrivals, as in arrivals.ts. */
const COLLECT_MILLIS = 400;

/** `email` owns the sheet `sheet`; `other` has `count` notices of it. */
export function notices(target) {
  return withBrowsers(2, async (ada, ben) => {
    await ben.context.addInitScript(desktop);
    const streams = watchStreams(ben);
    await ben.signIn({ ...target, email: target.other });
    const second = new Person(ben.context, await ben.context.newPage());
    await second.page.goto(new URL("/", target.url).href);
    const tabs = [ben, second];
    await unread(tabs, Number(target.count));
    await older(ben, Number(target.count));
    await reads(ben, tabs);

    await ada.signIn(target);
    await ada.page.goto(new URL(`/sheets/${target.sheet}`, target.url).href);
    await ada.ready();
    await arrives(ada, target, tabs);
    await leads(second, tabs, target);
    await switchedOn(ben);
    await hidden(ada, target, tabs);
    await signedOut(tabs);
    equal(streams, [], "streams of notices beside the one of all tabs");
    for (const person of [ada, ...tabs]) person.check();
    return {};
  });
}

/** The pages' own streams of notices, which no page opens where the browser has shared workers. */
function watchStreams({ context }) {
  const streams = [];
  context.on("request", (request) => {
    if (request.url().endsWith("NoticeService/Watch")) streams.push(request.url());
  });
  return streams;
}

/** Replaces the notices of the system, which a browser without a screen does not have. */
function desktop() {
  globalThis.shownOnDesktop = [];
  globalThis.permissionsAsked = 0;
  globalThis.Notification = class {
    static permission = localStorage.getItem("permission") ?? "default";
    static async requestPermission() {
      globalThis.permissionsAsked += 1;
      localStorage.setItem("permission", "granted");
      globalThis.Notification.permission = "granted";
      return "granted";
    }
    constructor(title, { body, tag }) {
      globalThis.shownOnDesktop.push({ title, body, tag });
    }
  };
}

/** Waits until all tabs show this number. */
async function unread(tabs, count) {
  for (const { page } of tabs)
    await page.locator(`[data-testid="bell"][data-unread="${count}"]`).waitFor();
}

async function title({ page }, wanted) {
  await page.waitForFunction((wanted) => document.title === wanted, wanted);
}

/** The list by the keyboard; its older pages load by scrolling. */
async function older(ben, count) {
  await title(ben, `(${count}) Sheets · Gridloom`);
  await ben.at("bell").focus();
  await ben.press("Enter");
  await ben.at("notice").first().waitFor();
  const before = await ben.at("notice").count();
  if (before >= count) throw new Error(`the first page has all ${before} notices`);
  while ((await ben.at("notice").count()) < count) {
    const shown = await ben.at("notice").count();
    await ben.at("notice").last().scrollIntoViewIfNeeded();
    await ben.page.waitForFunction(
      (shown) => document.querySelectorAll('[data-testid="notice"]').length > shown,
      shown,
    );
  }
  await accessible(ben.page, "notices");
  await ben.press("Escape");
  await ben.at("notices").waitFor({ state: "detached" });
  equal(
    await ben.page.evaluate(() => document.activeElement?.dataset.testid),
    "bell",
    "the focus after the list",
  );
}

async function reads(ben, tabs) {
  await ben.at("bell").click();
  await ben.at("notices-read").click();
  await unread(tabs, 0);
  await ben.page
    .locator('[data-testid="notice"][data-unread="true"]')
    .waitFor({ state: "detached" });
  await ben.press("Escape");
  for (const tab of tabs) await title(tab, "Sheets · Gridloom");
}

/** A new notice is a short message in each tab in view, and stands first in the list that is open. */
async function arrives(ada, target, tabs) {
  const [ben, second] = tabs;
  for (const { page } of tabs) await visibility(page, "visible");
  await ben.at("bell").click();
  await ada.giveRole(target.other, "Commenter");
  await unread(tabs, 1);
  for (const tab of tabs)
    await tab.at("toast-info").getByText("Your role in “Plan” is commenter now").waitFor();
  await title(second, "(1) Sheets · Gridloom");
  await ben.at("notice").first().getByText("Your role in “Plan” is commenter now").waitFor();
  await ben.press("Escape");
}

/** A click on a notice leads to its sheet, and reads it on all tabs. */
async function leads(second, tabs, { sheet }) {
  await second.at("bell").click();
  await second.page.locator('[data-testid="notice"][data-unread="true"]').getByRole("link").click();
  await second.ready();
  equal(new URL(second.page.url()).pathname, `/sheets/${sheet}`, "where the notice leads");
  await unread(tabs, 0);
}

/** The browser asks for its permission at the click, and not before. */
async function switchedOn(ben) {
  equal(await ben.page.evaluate(() => globalThis.permissionsAsked), 0, "early questions");
  await ben.at("bell").click();
  await ben.at("notices-desktop").check();
  await accessible(ben.page, "notices-desktop");
  await ben.press("Escape");
  equal(await ben.page.evaluate(() => globalThis.permissionsAsked), 1, "questions");
}

function visibility(page, state) {
  return page.evaluate((state) => {
    Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
    Object.defineProperty(document, "hidden", { value: state === "hidden", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, state);
}

/**
 * Resolves when the page has decided about what had arrived: a timer that begins after the one for which it collects
 * arrivals ends after it, and so does a question for the locks.
 */
async function hasDecided(collectMillis) {
  await new Promise((resolve) => setTimeout(resolve, collectMillis));
  for (let round = 0; round < 2; round += 1) {
    await navigator.locks.query();
    await new Promise((resolve) => setTimeout(resolve));
  }
}

/** While no tab is in view, one of them shows a notice on the desktop; else none does. */
async function hidden(ada, target, tabs) {
  const shown = async () => {
    const all = await Promise.all(
      tabs.map(({ page }) => page.evaluate(() => globalThis.shownOnDesktop)),
    );
    // The system shows one notice of each tag, whichever tabs have asked for it.
    return [...new Map(all.flat().map((notice) => [notice.tag, notice])).values()];
  };
  await visibility(tabs[0].page, "hidden");
  await ada.giveRole(target.other, "Editor");
  await unread(tabs, 1);
  // Its sheet is open there and shows that itself.
  await tabs[1].at("toast-info").getByText("You are an editor of this sheet now").waitFor();
  await Promise.all(tabs.map(({ page }) => page.evaluate(hasDecided, COLLECT_MILLIS)));
  equal(await shown(), [], "notices on the desktop while a tab is in view");
  await visibility(tabs[1].page, "hidden");
  await ada.giveRole(target.other, "Viewer");
  await unread(tabs, 2);
  await Promise.any(
    tabs.map(({ page }) => page.waitForFunction(() => globalThis.shownOnDesktop.length > 0)),
  );
  // A further one comes after all tabs have received the first.
  await ada.giveRole(target.other, "Editor");
  await unread(tabs, 3);
  while ((await shown()).length < 2)
    await tabs[0].page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  const bodies = (await shown()).map(({ body }) => body).sort();
  equal(
    bodies,
    ["Your role in “Plan” is editor now.", "Your role in “Plan” is viewer now."],
    "notices on the desktop",
  );
  for (const { page } of tabs) await visibility(page, "visible");
}

async function signedOut([ben, second]) {
  await ben.at("account").click();
  await ben.at("sign-out").click();
  for (const tab of [ben, second]) {
    await tab.at("submit").waitFor();
    equal(await tab.at("bell").count(), 0, "bells on the page to sign in");
  }
}
