// A browser without shared workers: each tab has a stream of its own, and browsers open six connections to a server
// for all tabs together. With more tabs than that, each tab still saves its edits, and shows that it waits. A hidden
// page releases its connection. The notices of the tabs are on a connection that one of them keeps.
import { Person, withBrowsers } from "../browser.mjs";

const TABS = 8;

export function crowded(target) {
  return withBrowsers(1, async (ada) => {
    await ada.context.addInitScript(() => delete globalThis.SharedWorker);
    // The notices are on a connection that a worker keeps by calls, so the server notices a browser that is gone.
    const attached = ada.page.waitForRequest((it) => it.url().endsWith("/AttachNotices"));
    await ada.signUp(target);
    await attached;
    await ada.createSheet("Many tabs");
    const url = ada.page.url();
    const people = [ada];
    while (people.length < TABS) {
      const other = new Person(ada.context, await ada.context.newPage());
      await other.page.goto(url);
      await other.ready();
      people.push(other);
    }
    // With all tabs open, some wait and show the reason.
    const waiting = people.map(async (person) => {
      await person.at("status").getByText("Too many tabs").waitFor();
      return person;
    });
    await Promise.any(waiting);
    for (const [row, person] of people.entries()) {
      await person.page.bringToFront();
      await person.type(row, 0, `from tab ${row}`);
      await person.saved();
    }
    // The edit of each tab reaches all tabs.
    for (const person of people)
      for (const row of people.keys()) await person.sees(row, 0, `from tab ${row}`);

    // A hidden page releases its connection after a while, and has one when it is shown.
    for (const person of people.slice(1)) await person.page.close();
    const [first] = people;
    await first.status("saved", 0);
    await first.page.clock.install();
    await visibility(first.page, "hidden");
    await first.page.clock.runFor(40_000);
    await first.page.waitForFunction(
      () => document.querySelector('[data-testid="status"]').dataset.phase === "paused",
    );
    await visibility(first.page, "visible");
    await first.type(20, 0, "back again");
    await first.status("saved", 0);
    for (const person of people) person.check();
    await Promise.allSettled(waiting);
    return {};
  });
}

function visibility(page, state) {
  return page.evaluate((state) => {
    Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
    Object.defineProperty(document, "hidden", { value: state === "hidden", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, state);
}
