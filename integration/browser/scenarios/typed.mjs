// What a person has typed for others stays until it is sent or that person discards it: when a role changes or ends,
// when a message is edited, after a reload, and in each tab alone.
//
// GRIDLOOM_SHOTS=DIR stores screenshots.
import { accessible } from "../axe.mjs";
import { equal, Person, withBrowsers } from "../browser.mjs";

export function typed(target) {
  return withBrowsers(2, async (ada, ben) => {
    await ada.signUp(target);
    await ada.createSheet("Plan");
    const url = ada.page.url();
    const email = `ben-${target.email}`;
    await ada.shareWith(email);
    await ben.signUp({ ...target, email });
    await ben.page.goto(`${url}?panel=chat`);
    await ben.ready();

    await edited(ben);
    await inTwoTabs(ben);
    await readsOnly(ada, ben, email);
    await ended(ada, ben, email);
    await elsewhere(ben, target);
    for (const person of [ada, ben]) person.check();
    return {};
  });
}

function message(person, text) {
  return person.at("message").filter({ hasText: text });
}

function left(person, text) {
  return person.at("left-text").filter({ hasText: text });
}

async function write(person, text) {
  await person.at("composer").last().fill(text);
  await person.at("composer").last().press("Enter");
  await message(person, text).waitFor();
}

async function holds(person, text, field = "composer") {
  await person.page.waitForFunction(
    ([field, text]) =>
      [...document.querySelectorAll(`[data-testid="${field}"]`)].some(({ value }) => value === text),
    [field, text],
  );
}

/**
 * An edit outlives the panel and the page; the up key leaves it as it is; another tab has an edit of its own, and shows a
 * text that it would replace; a deleted message leaves its text.
 */
async function edited(ben) {
  await write(ben, "row 12");
  await write(ben, "row 14");
  const field = ben.at("message-editing").getByTestId("composer");
  await ofMessage(ben, "row 12", "message-edit");
  await field.fill("row 13, I think");
  await ben.at("composer").last().press("ArrowUp");
  equal(await ben.at("message-editing").count(), 1, "edits after the up key");
  await ben.at("tab-history").click();
  await ben.at("history").waitFor();
  await ben.at("tab-chat").click();
  await holds(ben, "row 13, I think");
  await ben.page.reload();
  await ben.ready();
  await holds(ben, "row 13, I think");

  const second = await tabOf(ben);
  await ofMessage(second, "row 12", "message-edit");
  await second.at("message-editing").getByTestId("composer").fill("row 12, or 13");
  await second.at("message-editing").getByTestId("composer").press("Enter");
  await ben.at("edit-replaces").getByText("row 12, or 13").waitFor();
  await holds(ben, "row 13, I think");
  await accessible(ben.page, "typed-edit-replaces");

  // On the other page, the message is deleted meanwhile.
  await ofMessage(second, "row 12, or 13", "message-delete");
  await second.at("confirm-yes").click();
  await message(ben, "Message deleted").waitFor();
  await left(ben, "row 13, I think").getByText("Not saved").waitFor();
  await accessible(ben.page, "typed-edit-left");
  await left(ben, "row 13, I think").getByTestId("left-discard").click();
  await ben.at("left-text").waitFor({ state: "detached" });
  await second.page.close();
  await ben.page.reload();
  await ben.ready();
  await message(ben, "row 14").waitFor();
  equal(await ben.at("left-text").count(), 0, "edits after they were discarded");
}

/** Chooses an action of the menu of an own message. */
async function ofMessage(person, text, action) {
  await message(person, text).hover();
  await message(person, text).getByTestId("message-menu").click();
  await person.at(action).click();
}

/** A further tab of the same person at the same address. */
async function tabOf(person) {
  const tab = new Person(person.context, await person.context.newPage());
  await tab.page.goto(person.page.url());
  await tab.ready();
  return tab;
}

/** Two tabs have a draft each; that of a closed tab is there for the next one. */
async function inTwoTabs(ben) {
  await ben.at("composer").fill("from the first tab");
  const second = await tabOf(ben);
  await second.at("composer").fill("from the second tab");
  await ben.page.reload();
  await ben.ready();
  await holds(ben, "from the first tab");
  await second.page.reload();
  await second.ready();
  await holds(second, "from the second tab");
  await ben.at("composer").fill("");
  await second.page.close();
  await holds(ben, "from the second tab");
  second.check();
}

/** A viewer reads, copies and discards what was typed as an editor, in the chat and beside a comment. */
async function readsOnly(ada, ben, email) {
  await ben.at("tab-comments").click();
  await ben.click(2, 1);
  await ben.at("comment-begin").click();
  await ben.at("composer").fill("is this right?");
  await ada.giveRole(email, "Viewer");
  await left(ben, "is this right?").waitFor();
  await accessible(ben.page, "typed-comment-left");
  await left(ben, "is this right?").getByTestId("left-discard").click();
  await ben.at("left-text").waitFor({ state: "detached" });
  await ben.at("tab-chat").click();
  await left(ben, "from the second tab").waitFor();
  await ben.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await left(ben, "from the second tab").getByTestId("left-copy").click();
  await ben.at("left-copy").getByText("Copied").waitFor();
  const copied = await ben.page.evaluate(() => navigator.clipboard.readText());
  equal(copied, "from the second tab", "the copied text");
  await accessible(ben.page, "typed-left");
  await ada.giveRole(email, "Editor");
  await holds(ben, "from the second tab");
}

/** The access ends: what is typed, what is edited and what was refused stay. */
async function ended(ada, ben, email) {
  await ben.at("composer").press("ArrowUp");
  equal(await ben.at("message-editing").count(), 0, "edits by the up key in a field with a text");
  await ben.at("composer").fill("");
  await ben.at("composer").press("ArrowUp");
  await ben.at("message-editing").getByTestId("composer").fill("row 15");
  await ben.at("composer").last().fill("half a thought");
  await ben.context.setOffline(true);
  await ben.at("composer").last().fill("too late");
  await ben.at("composer").last().press("Enter");
  await ben.at("outgoing").filter({ hasText: "Not sent." }).waitFor();
  await ben.at("composer").last().fill("half a thought");
  await ada.at("share-open").click();
  await ada.shareRow(email).getByTestId("unshare").click();
  await ada.shareRow(email).waitFor({ state: "detached" });
  await ada.press("Escape");
  await ben.context.setOffline(false);
  await ben.at("conversation-gone").waitFor();
  for (const text of ["too late", "row 15", "half a thought"]) await left(ben, text).waitFor();
  await accessible(ben.page, "typed-gone");
}

/**
 * Messages that are not sent are marked in the menu and in the list, wherever the person is. A question before the
 * sign-out leads to all texts, where each is copied or discarded.
 */
async function elsewhere(ben, target) {
  await ben.page.goto(new URL("/", target.url).href);
  await ben.at("account").click();
  await ben.at("messages-open").getByText("1 not sent").waitFor();
  await ben.at("messages-open").click();
  await ben.at("unsent-thread").getByText("1 not sent").waitFor();
  await accessible(ben.page, "typed-list");
  await ben.at("account").click();
  await ben.at("sign-out").click();
  await ben.at("unsent-count").getByText("3 texts are not sent").waitFor();
  await ben.at("unsent-show").click();
  await ben.at("not-sent-pane").waitFor();
  equal(await ben.at("left-text").count(), 3, "texts that are not sent");
  await accessible(ben.page, "typed-not-sent");
  await left(ben, "row 15").getByTestId("left-copy").click();
  const copied = await ben.page.evaluate(() => navigator.clipboard.readText());
  equal(copied, "row 15", "the copied text");
  for (const text of ["too late", "row 15", "half a thought"])
    await left(ben, text).getByTestId("left-discard").click();
  await ben.at("left-text").waitFor({ state: "detached" });
  await ben.at("unsent-thread").waitFor({ state: "detached" });
}
