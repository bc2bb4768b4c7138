// Two persons who share a sheet write to each other, on the page of messages and in the chat of the sheet. What the
// network interrupts is sent once.
//
// GRIDLOOM_SHOTS=DIR stores screenshots.
import { accessible } from "../axe.mjs";
import { equal, withBrowsers } from "../browser.mjs";

const SEND = "**/gridloom.v1.ChatService/SendMessage";

export function messages(target) {
  return withBrowsers(2, async (ada, ben) => {
    await ada.signUp(target);
    await ada.createSheet("Plan");
    const url = ada.page.url();
    const email = `ben-${target.email}`;
    await ada.shareWith(email);
    await signUpBen(ben, { ...target, email });
    await ben.page.goto(url);
    await ben.ready();

    await toEachOther(ada, ben, target);
    await changes(ada, ben);
    await typing(ada, ben);
    await drafts(ben);
    await cut(ada, ben);
    await scrolled(ada, ben);
    await unread(ada, ben, target);
    await composed(ben);
    await limits(ada);
    await list(ada, target);
    await phone(ben);
    for (const person of [ada, ben]) person.check();
    return {};
  });
}

async function signUpBen(ben, { url, email, password }) {
  await ben.page.goto(new URL("/sign-up", url).href);
  await ben.at("name").fill("Ben Miller");
  await ben.at("email").fill(email);
  await ben.at("password").fill(password);
  await ben.at("submit").click();
  await ben.at("account").waitFor();
}

/** Waits until the element with a test id has the focus. */
async function focused(person, id) {
  await person.page.waitForFunction(
    (wanted) => document.activeElement?.getAttribute("data-testid") === wanted,
    id,
  );
}

/** Writes a message in the conversation on the screen. */
async function write(person, text) {
  await person.at("composer").fill(text);
  await person.at("composer").press("Enter");
}

/** The messages with a text. */
function message(person, text) {
  return person.at("message").filter({ hasText: text });
}

/** Ada finds Ben, and both write. */
async function toEachOther(ada, ben, target) {
  await ada.at("account").click();
  await ada.at("messages-open").click();
  await ada.at("no-threads").waitFor();
  await accessible(ada.page, "messages-none");
  // By keyboard: the button has the focus after a dialog without a choice, the new conversation's field after one.
  await ada.at("new-message").focus();
  await ada.press("Enter");
  await ada.at("people-query").waitFor();
  await ada.press("Escape");
  await focused(ada, "new-message");
  await ada.press("Enter");
  await ada.at("people-query").fill("zzz");
  await ada.at("people-none").waitFor();
  await ada.at("people-query").fill("ben");
  const found = ada.at("person-found").filter({ hasText: "Ben Miller" });
  await found.getByText("shares a sheet with you").waitFor();
  await accessible(ada.page, "messages-new");
  await ada.press("Tab");
  equal(await found.evaluate((link) => link === document.activeElement), true, "the focus on Ben");
  await ada.press("Enter");
  await ada.at("thread-title").getByText("Ben Miller").waitFor();
  await focused(ada, "composer");
  await write(ada, "Have you seen row 12?");
  await message(ada, "Have you seen row 12?").waitFor();

  await ben.page.goto(new URL("/messages", target.url).href);
  const thread = ben.at("thread").filter({ hasText: "Ada Lovelace" });
  await thread.and(ben.page.locator('[data-unread="1"]')).waitFor();
  await thread.click();
  await message(ben, "Have you seen row 12?").waitFor();
  await thread.and(ben.page.locator('[data-unread="0"]')).waitFor();
  await write(ben, "Yes.\nIt is empty: https://example.org/12.");
  const link = message(ada, "It is empty").getByRole("link");
  equal(await link.getAttribute("href"), "https://example.org/12", "the address in a message");
  await accessible(ada.page, "messages");
}

/** An own message is edited and deleted; the other sees that. */
async function changes(ada, ben) {
  await message(ada, "row 12").getByTestId("message-menu").click();
  await ada.at("message-edit").click();
  const field = ada.at("message-editing").getByTestId("composer");
  await field.fill("Have you seen row 13?");
  await field.press("Enter");
  await message(ben, "row 13").getByText("edited").waitFor();
  equal(await message(ben, "row 13").getByTestId("message-menu").count(), 0, "menus of others");
  await ada.at("message-editing").waitFor({ state: "detached" });
  // Escape leaves the message as it is, and the up key opens the last own one.
  await ada.at("composer").press("ArrowUp");
  await field.fill("never");
  await field.press("Escape");
  await message(ada, "row 13").waitFor();

  await write(ada, "a secret");
  await message(ben, "a secret").waitFor();
  await message(ada, "a secret").getByTestId("message-menu").click();
  await ada.at("message-delete").click();
  await accessible(ada.page, "messages-delete");
  await ada.at("confirm-yes").click();
  for (const person of [ada, ben]) {
    await message(person, "Message deleted").waitFor();
    equal(await message(person, "a secret").count(), 0, "deleted texts");
  }
  equal(
    await ada.page.evaluate(() => document.activeElement?.getAttribute("role")),
    "log",
    "the focus after a deletion",
  );
}

async function typing(ada, ben) {
  // A page reports that its person types once in some seconds: it may have done so for the last message.
  const shown = ada.at("typing").getByText("Ben Miller is typing…");
  for (let change = 0; !(await shown.isVisible()); change++)
    await ben.at("composer").fill("Hm".slice(change % 2));
  await ben.at("composer").fill("Hm");
  await ben.at("composer").press("Enter");
  await message(ada, "Hm").waitFor();
  await ada.page.waitForFunction(
    () => document.querySelector('[data-testid="typing"]')?.textContent === "",
  );
}

/** A text that is not sent is there after a reload. */
async function drafts(ben) {
  await ben.at("composer").fill("half a thought");
  await ben.page.reload();
  await ben.page.waitForFunction(
    () => document.querySelector('[data-testid="composer"]')?.value === "half a thought",
  );
  await ben.at("composer").fill("");
}

/** The answer to a message is lost: it is sent again, and is there once. */
async function cut(ada, ben) {
  const release = await ada.intercept(SEND, async (route) => {
    await route.fetch();
    await route.abort("connectionreset");
  });
  // Without the events, only the call shows what became of the message.
  await write(ada, "exactly once");
  await message(ben, "exactly once").waitFor();
  await release();
  await message(ada, "exactly once").waitFor();
  await ada.at("outgoing").waitFor({ state: "detached" });

  await ada.context.setOffline(true);
  await write(ada, "from the tunnel");
  await write(ada, "and another");
  const outgoing = ada.at("outgoing");
  await outgoing.filter({ hasText: "Not sent." }).nth(1).waitFor();
  await accessible(ada.page, "messages-not-sent");
  await outgoing.filter({ hasText: "and another" }).getByTestId("outgoing-delete").click();
  // It outlives the page, and waits there for the person.
  await ada.context.setOffline(false);
  await message(ben, "from the tunnel").waitFor();
  await outgoing.waitFor({ state: "detached" });
  for (const text of ["exactly once", "from the tunnel"])
    for (const person of [ada, ben])
      equal(await message(person, text).count(), 1, `messages “${text}”`);
  equal(await message(ben, "and another").count(), 0, "deleted messages that were sent");
}

/** A person who reads older messages stays there, and learns of new ones by a button. */
async function scrolled(ada, ben) {
  for (let at = 0; at < 60; at++) await write(ada, `line ${at}`);
  await message(ben, "line 59").waitFor();
  await ben.page.reload();
  await message(ben, "line 59").waitFor();
  const log = ben.at("conversation-list");
  // The end at first.
  await ben.page.waitForFunction(() => {
    const list = document.querySelector('[data-testid="conversation-list"]');
    return list.scrollHeight - list.scrollTop - list.clientHeight < 2;
  });
  // Each page of older messages loads when the list is at its beginning.
  while (!(await message(ben, "Have you seen row 13?").isVisible())) {
    const shown = await ben.at("message").count();
    await log.evaluate((list) => list.scrollTo(0, 0));
    await ben.page.waitForFunction(
      (shown) => document.querySelectorAll('[data-testid="message"]').length > shown,
      shown,
    );
  }
  await log.evaluate((list) => list.scrollTo(0, 300));
  const top = await log.evaluate((list) => list.scrollTop);
  await write(ada, "something new");
  await ben.at("to-end").getByText("1 new message").waitFor();
  equal(await log.evaluate((list) => list.scrollTop), top, "the place while a message arrives");
  await accessible(ben.page, "messages-scrolled");
  await ben.at("to-end").click();
  await ben.at("to-end").waitFor({ state: "detached" });
  equal(await ben.at("unread-line").count(), 1, "lines of unread messages");
}

/** What arrives on another page is unread, and the conversation begins there. */
async function unread(ada, ben, target) {
  const address = ben.page.url();
  await ben.page.goto(new URL("/messages", target.url).href);
  for (const text of ["one", "two"]) await write(ada, text);
  const thread = ben.at("thread").filter({ hasText: "Ada Lovelace" });
  await thread.and(ben.page.locator('[data-unread="2"]')).waitFor();
  await ben.page.goto(address);
  await ben.at("unread-line").waitFor();
  await thread.and(ben.page.locator('[data-unread="0"]')).waitFor();
}

/** The Enter that ends a composition sends nothing. */
async function composed(ben) {
  const field = ben.at("composer");
  await field.fill("にほん");
  await field.dispatchEvent("keydown", { key: "Enter", keyCode: 229, isComposing: true });
  equal(await field.inputValue(), "にほん", "the text after the Enter of a composition");
  await field.press("Shift+Enter");
  equal(await field.inputValue(), "にほん\n", "the text after Shift+Enter");
  equal(await message(ben, "にほん").count(), 0, "messages that were sent");
  await field.fill("");
}

async function limits(ada) {
  await ada.at("composer").fill("ä".repeat(4096));
  await ada.page.getByText("0 bytes left.").waitFor();
  await ada.at("composer").fill(`${"ä".repeat(4096)}x`);
  await ada.page.getByText("The message is 1 byte too long.").waitFor();
  equal(await ada.at("composer-send").isDisabled(), true, "the button for a long text");
  await accessible(ada.page, "messages-too-long");
  await ada.at("composer").fill("");
}

/** An address of a person whom one may not write to, and the way back to the list. */
async function list(ada, target) {
  const unknown = "00000000-0000-4000-8000-000000000000";
  await ada.page.goto(new URL(`/messages/person/${unknown}`, target.url).href);
  await ada.at("conversation-gone").getByText("You can't write to this person.").waitFor();
  await accessible(ada.page, "messages-gone");
  await ada.at("back").click();
  await ada.at("new-sheet").waitFor();
}

/** A phone shows the list or one conversation. */
async function phone(ben) {
  await ben.page.setViewportSize({ width: 390, height: 844 });
  await ben.at("thread").first().waitFor({ state: "detached" });
  await ben.at("composer").waitFor();
  await accessible(ben.page, "messages-phone");
  await ben.at("threads-back").click();
  await ben.at("thread").filter({ hasText: "Ada Lovelace" }).waitFor();
  equal(await ben.at("composer").count(), 0, "fields beside the list of a phone");
  await accessible(ben.page, "messages-phone-list");
}
