// All tabs of a browser share one stream, also on plain http. Twelve tabs, twice as many as a browser has connections,
// save their edits and show those of the others at once, and a further page still loads. A tab that is closed or
// crashes leaves the people on the sheet.
import { equal, Person, withBrowsers } from "../browser.mjs";

const HOST = "grid.example";
const TABS = 12;
/** Milliseconds within which a closed tab is gone; without its message it takes 15 s at least. */
const CLOSED_MILLIS = 10_000;
/** The same for a tab that sends no message. */
const SILENT_MILLIS = 35_000;

export function tabs(target) {
  const url = new URL(target.url);
  url.hostname = HOST;
  const flags = [`--host-resolver-rules=MAP ${HOST} 127.0.0.1`];
  return withBrowsers(1, (ada) => play(ada, { ...target, url: url.href }), flags);
}

async function play(ada, target) {
  await ada.signUp(target);
  equal(await ada.page.evaluate(() => isSecureContext), false, "a secure page");
  await ada.createSheet("Many tabs");
  const url = ada.page.url();
  const people = [ada];
  while (people.length < TABS) people.push(await opened(ada, url));
  await others(ada, 1);
  await Promise.all(
    people.map(async (person, row) => {
      await person.type(row, 0, `from tab ${row}`);
      await person.status("saved", 0);
    }),
  );
  for (const person of people)
    for (const row of people.keys()) await person.sees(row, 0, `from tab ${row}`);

  // Another page needs a connection, too.
  const list = new Person(ada.context, await ada.context.newPage());
  await list.page.goto(new URL("/", target.url).href);
  await list.at("account").waitFor();
  await list.page.close();

  const gone = await close(ada, people.slice(1), SILENT_MILLIS);
  const closed = await close(ada, [await opened(ada, url)], CLOSED_MILLIS);
  const crashed = await crashes(ada, await opened(ada, url));
  await ada.type(TABS, 0, "still here");
  await ada.status("saved", 0);
  for (const person of people) person.check();
  return { gone, closed, crashed };
}

async function opened(ada, url) {
  const other = new Person(ada.context, await ada.context.newPage());
  await other.page.goto(url);
  await other.ready();
  return other;
}

/** Waits until a person sees this many others: all other tabs of one account are one. */
async function others(person, count, timeout) {
  const page = person.page;
  await page.waitForFunction(
    (count) =>
      Number(document.querySelector('[data-testid="people"]')?.dataset.count ?? 0) === count,
    count,
    timeout === undefined ? {} : { timeout },
  );
}

/**
 * Closes tabs; returns the milliseconds until they are gone. Of many at once some may send no message: the browser gives
 * each half a second.
 */
async function close(ada, tabs, timeout) {
  await others(ada, 1);
  const begun = performance.now();
  await Promise.all(tabs.map((tab) => tab.page.close({ runBeforeUnload: true })));
  await others(ada, 0, timeout);
  return Math.round(performance.now() - begun);
}

/** Crashes a tab; returns the milliseconds until it is gone. */
async function crashes(ada, tab) {
  await others(ada, 1);
  const begun = performance.now();
  const browser = await ada.context.newCDPSession(tab.page);
  // The tab does not answer any more.
  browser.send("Page.crash").catch(() => undefined);
  await others(ada, 0, SILENT_MILLIS);
  return Math.round(performance.now() - begun);
}
