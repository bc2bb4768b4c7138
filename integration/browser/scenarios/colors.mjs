// The colour of an account: chosen on its page by mouse and by keyboard, shown in the badge of all own tabs, and to
// others at the cursor, in the bar, in the list of shares, and beside a found person.
import { accessible } from "../axe.mjs";
import { equal, Person, withBrowsers } from "../browser.mjs";

const BLUE = "#1971c2";

export function colors(target) {
  return withBrowsers(2, async (ada, ben) => {
    await ada.signUp(target);
    await ada.createSheet("Colours");
    const url = ada.page.url();
    await ada.shareWith(`ben-${target.email}`);
    const derived = await colorOf(ada.page.locator("[data-testid=account] .avatar"));
    const other = new Person(ada.context, await ada.context.newPage());
    await other.page.goto(new URL("/", url).href);
    await other.at("account").waitFor();
    await choose(ada, url);
    for (const person of [ada, other]) await wears(person.at("account").locator(".avatar"), BLUE);
    await other.page.close();
    await ben.signUp({ ...target, email: `ben-${target.email}` });
    await seen(ada, ben, url);
    await automatic(ada, url, derived);
    for (const person of [ada, ben]) person.check();
    return {};
  });
}

function colorOf(element) {
  return element.evaluate((found) => found.style.getPropertyValue("--person"));
}

/** Waits until an element has a colour. */
async function wears(element, color) {
  const handle = await element.first().elementHandle();
  await handle.evaluate(
    (found, color) =>
      new Promise((resolve) => {
        const look = () =>
          found.style.getPropertyValue("--person") === color
            ? resolve()
            : requestAnimationFrame(look);
        look();
      }),
    color,
  );
}

async function choose(ada, url) {
  await ada.page.goto(new URL("/account", url).href);
  await ada.at("color-0").focus();
  for (let turn = 0; turn < 8; turn++) await ada.press("ArrowRight");
  await ada.at("color-picked").getByText("Blue").waitFor();
  await accessible(ada.page, "account-color");
  await ada.at("color-submit").click();
  await ada.at("color-changed").getByText("changed").waitFor();
  await ada.page.reload();
  equal(await ada.at("color-8").isChecked(), true, "the chosen colour after a reload");
}

async function seen(ada, ben, url) {
  await ada.page.goto(url);
  await ada.ready();
  await ben.page.goto(url);
  await ben.ready();
  await ada.click(3, 1);
  await wears(ben.at("person").locator(".avatar"), BLUE);
  await ben.at("name-tag").waitFor();
  await wears(ben.at("name-tag"), BLUE);
  await ben.at("share-open").click();
  await wears(ben.at("share-row").filter({ hasText: "Owner" }).locator(".avatar"), BLUE);
  await accessible(ben.page, "share-colors");
  await ben.press("Escape");
  await withoutSheet(ben, url);
}

/** A page that has no sheet of the person open has the colour from what it shows of the person. */
async function withoutSheet(ben, url) {
  await ben.page.goto(new URL("/messages", url).href);
  await ben.at("new-message").click();
  await ben.at("people-query").fill("ada");
  const found = ben.at("person-found").filter({ hasText: "Ada Lovelace" });
  await wears(found.locator(".avatar"), BLUE);
  await found.click();
  await ben.at("thread-title").waitFor();
  await wears(ben.page.locator(".thread-head .avatar"), BLUE);
}

/** Without a choice it is the derived one again. */
async function automatic(ada, url, derived) {
  await ada.page.goto(new URL("/account", url).href);
  await ada.at("color-0").check();
  await ada.at("color-submit").click();
  await ada.at("color-changed").getByText("changed").waitFor();
  await wears(ada.at("account").locator(".avatar"), derived);
}
