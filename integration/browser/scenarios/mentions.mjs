// A person is mentioned in the chat of a sheet: found by an @ and chosen by keys, also while answers are late. The
// mention is a notice in the other browser. A person whose access has ended is not mentioned, and the author reads that.
//
// GRIDLOOM_SHOTS=DIR stores screenshots.
import { accessible } from "../axe.mjs";
import { equal, withBrowsers } from "../browser.mjs";

const SEARCH = "**/gridloom.v1.PeopleService/SearchPeople";

export function mentions(target) {
  return withBrowsers(3, async (ada, ben, bea) => {
    await ada.signUp(target);
    await ada.createSheet("Plan");
    const url = ada.page.url();
    for (const [person, name] of [
      [ben, "Ben Miller"],
      [bea, "Bea Young"],
    ]) {
      const email = `${name.slice(0, 3)}-${target.email}`.toLowerCase();
      await ada.shareWith(email);
      await signUp(person, { ...target, email }, name);
      await person.page.goto(url);
      await person.ready();
    }
    await ben.page.goto(new URL("/", url).href);
    // A notice that is older than the bell is counted alone.
    await ben.at("bell").waitFor();
    await ada.at("chat-open").click();
    await ada.at("composer").waitFor();

    await byKeys(ada);
    await noticed(ben, url);
    await late(ada);
    await withoutAccess(ada, `bea-${target.email}`);
    for (const person of [ada, ben, bea]) person.check();
    return {};
  });
}

async function signUp(person, { url, email, password }, name) {
  await person.page.goto(new URL("/sign-up", url).href);
  await person.at("name").fill(name);
  await person.at("email").fill(email);
  await person.at("password").fill(password);
  await person.at("submit").click();
  await person.at("account").waitFor();
}

/** The person in the list whose mark is the active descendant of the field. */
async function marked(person, name) {
  await person
    .at("mention")
    .and(person.page.locator('[aria-selected="true"]'))
    .filter({ hasText: name })
    .waitFor();
  const [active, id] = await Promise.all([
    person.at("composer").getAttribute("aria-activedescendant"),
    person.at("mention").filter({ hasText: name }).getAttribute("id"),
  ]);
  equal(active, id, "the active descendant of the field");
}

/** The list goes round, Escape closes it for this @, and Enter chooses without sending. */
async function byKeys(ada) {
  const field = ada.at("composer");
  await field.pressSequentially("Look, @be");
  await ada.at("mention").nth(1).waitFor();
  await accessible(ada.page, "mentions");
  await marked(ada, "Bea Young");
  await field.press("ArrowDown");
  await marked(ada, "Ben Miller");
  await field.press("ArrowDown");
  await marked(ada, "Bea Young");
  await field.press("ArrowUp");
  await marked(ada, "Ben Miller");
  await field.press("Escape");
  await ada.at("mentions").waitFor({ state: "detached" });
  equal(await field.inputValue(), "Look, @be", "the text after Escape");
  await field.fill("");
  await field.pressSequentially("Look, @ben");
  await marked(ada, "Ben Miller");
  await field.press("Enter");
  equal(await field.inputValue(), "Look, @Ben Miller ", "the text with the person");
  equal(await ada.at("message").count(), 0, "messages that the choice has sent");
  await field.pressSequentially("this is yours");
  await field.press("Enter");
  await ada.at("message").locator(".mention").getByText("@Ben Miller").waitFor();
}

/** The mentioned person reads it on another page, and is led to the message. */
async function noticed(ben, url) {
  await ben
    .at("toast-info")
    .getByText("Ada Lovelace mentioned you in “Plan”: Look, @Ben Miller this is yours")
    .waitFor();
  await ben.page.locator('[data-testid="bell"][data-unread="1"]').waitFor();
  await ben.at("bell").click();
  await ben.at("notice").and(ben.page.locator('[data-kind="MENTION"]')).getByRole("link").click();
  await ben.ready();
  equal(ben.page.url(), `${url}?panel=chat`, "where the notice leads");
  await ben.at("message").locator(".mention.own").getByText("@Ben Miller").waitFor();
  await ben.page.locator('[data-testid="bell"][data-unread="0"]').waitFor();
}

/** While the answer is on its way, Enter chooses one who fits what is typed, and never another person. */
async function late(ada) {
  const field = ada.at("composer");
  await field.pressSequentially("@be");
  await ada.at("mention").nth(1).waitFor();
  const held = [];
  const release = await ada.intercept(SEARCH, (route) => {
    held.push(route);
  });
  await field.press("n");
  await ada.at("mention").filter({ hasText: "Bea Young" }).waitFor({ state: "detached" });
  await field.press("Tab");
  equal(await field.inputValue(), "@Ben Miller ", "the person of a late answer");
  await release();
  for (const route of held) await route.continue();
  await field.fill("");
}

/** The access of a person ends after that person was chosen: the note stays at the message. */
async function withoutAccess(ada, email) {
  const field = ada.at("composer");
  await field.pressSequentially("@bea");
  await marked(ada, "Bea Young");
  await field.press("Enter");
  await ada.at("share-open").click();
  const row = ada.at("share-row").filter({ hasText: email });
  await row.getByTestId("unshare").click();
  await row.waitFor({ state: "detached" });
  await ada.press("Escape");
  await field.pressSequentially("and yours");
  await field.press("Enter");
  const message = ada.at("message").filter({ hasText: "and yours" });
  await message.getByTestId("unmentioned").getByText("Bea Young can't read this").waitFor();
  equal(await message.locator(".mention").count(), 0, "mentions of a person without access");
  await accessible(ada.page, "mentions-without-access");
}
