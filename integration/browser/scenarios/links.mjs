// Links to cells in messages: copied from the menu of a cell or put in by a button, shown by the names of sheet and cell,
// and leading there, wherever the cell is by then. A link to a sheet without access has no name.
//
// GRIDLOOM_SHOTS=DIR stores screenshots.
import { accessible } from "../axe.mjs";
import { equal, withBrowsers } from "../browser.mjs";

export function links(target) {
  return withBrowsers(2, async (ada, ben) => {
    await ada.context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await ada.signUp(target);
    const email = `ben-${target.email}`;
    await ada.createSheet("Own");
    const own = ada.page.url();
    await ada.page.goto(new URL("/", target.url).href);
    await ada.createSheet("Budget");
    const url = ada.page.url();
    await ada.type(1, 1, "310");
    await ada.status("saved", 0);
    await ada.shareWith(email);
    await ben.signUp({ ...target, email });
    await ben.page.goto(url);
    await ben.ready();

    const link = await copied(ada, url);
    await toBen(ada, ben, { target, link, own });
    await inChat(ada, ben, url);
    await deleted(ada, ben);
    await onPhone(ben);
    for (const person of [ada, ben]) person.check();
    return {};
  });
}

/** The chip of a message. */
function chip(person, text) {
  return person.at("message").getByTestId("sheet-chip").filter({ hasText: text });
}

async function write(person, text) {
  await person.at("composer").fill(text);
  await person.at("composer").press("Enter");
}

/** The link from the menu of a cell. */
async function copied(ada, url) {
  await ada.choose(1, 1, "copy-link");
  await ada.at("toast-info").getByText("Link copied.").waitFor();
  const link = await ada.page.evaluate(() => navigator.clipboard.readText());
  equal(link.startsWith(`${url}?cell=`), true, "whether the link is one of the sheet");
  return link;
}

/** Ada writes links to Ben, who opens one sheet and can't open the other. */
async function toBen(ada, ben, { target, link, own }) {
  await ada.page.goto(new URL("/messages", target.url).href);
  await ada.at("new-message").click();
  await ada.at("people-query").fill("ben");
  await ada.at("person-found").first().click();
  await write(ada, `See ${link}, and ${own}.`);
  await chip(ada, "Budget · B · row 2").waitFor();
  await chip(ada, "Own").waitFor();
  await ada.at("thread").getByText("You: See a cell, and a sheet.").waitFor();
  await accessible(ada.page, "links-message");

  await ben.choose(0, 0, "insert-above");
  await ben.status("saved", 0);
  await ben.page.goto(new URL("/messages", target.url).href);
  await ben.at("thread").filter({ hasText: "See a cell" }).click();
  await chip(ben, "A sheet that you can't open").click();
  await ben.at("sheet-not-found").waitFor();
  await ben.page.goBack();
  await chip(ben, "Budget · B · row 3").click();
  await ben.ready();
  await ben.standsAt("B, row 3");
}

/** In the chat of the sheet, a button puts the link in, and a click leads there beside the open chat. */
async function inChat(ada, ben, url) {
  await ben.click(4, 2);
  await ben.at("chat-open").click();
  await ben.at("composer").fill("Here:");
  await ben.at("link-cell").click();
  equal(
    await ben.page.evaluate(() => document.activeElement?.getAttribute("data-testid")),
    "composer",
    "the focus after the button",
  );
  await ben.at("composer").press("Enter");
  await chip(ben, "Budget · C · row 5").waitFor();
  await ada.page.goto(`${url}?panel=chat`);
  await ada.ready();
  await chip(ada, "Budget · C · row 5").click();
  await ada.standsAt("C, row 5");
  await chip(ada, "Budget · C · row 5").waitFor();
  await accessible(ada.page, "links-chat");
}

/** The link to a deleted row has words in place of its number, and leads nowhere. */
async function deleted(ada, ben) {
  await ben.choose(4, 0, "delete-rows");
  await ben.status("saved", 0);
  await ada.seesRows(100);
  await ada.page.reload();
  await ada.ready();
  await chip(ada, "Budget · deleted row").click();
  await ada.at("toast-info").getByText("The row of this cell was deleted.").waitFor();
}

/** On a phone, the sheet comes in place of the chat. */
async function onPhone(ben) {
  await write(ben, `Last: ${await addressOf(ben)}`);
  await ben.page.setViewportSize({ width: 390, height: 844 });
  await chip(ben, "Budget · B · row 3").click();
  await ben.at("panel").waitFor({ state: "detached" });
  await ben.standsAt("B, row 3");
}

/** The address of the cell B3, which the page had when the link led to it. */
function addressOf(person) {
  return person.page.evaluate(() => {
    const cell = new URLSearchParams(location.search).get("cell");
    return `${location.origin}${location.pathname}?cell=${cell}`;
  });
}
