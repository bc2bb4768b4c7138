// The pages and dialogs that two persons share, in one colour scheme and on one size of the screen: axe finds nothing
// serious, and on each size the bar of the sheet and the line below it fit in every state.
//
// GRIDLOOM_SHOTS=DIR stores a screenshot of each.
import { accessible } from "../axe.mjs";
import { equal, withBrowsers } from "../browser.mjs";

const SIZES = { desk: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };

export function company(target) {
  const { scheme = "light", size = "desk" } = target;
  return withBrowsers(2, async (ada, ben) => {
    for (const { page } of [ada, ben]) {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
      await page.setViewportSize(SIZES[size]);
    }
    const look = (person, name) => accessible(person.page, `${name}-${scheme}-${size}`);
    await enters(ada, target, look);
    const email = `ben-${target.email}`;
    await ada.signUp(target);
    await ada.createSheet("Plan");
    const url = ada.page.url();
    await noticed(ada, ben, { ...target, email }, look);
    await together(ada, ben, look);
    await chat(ada, ben, look);
    await comments(ada, ben, look);
    await messages(ada, target, look);
    await ada.page.goto(url);
    await ada.ready();
    await roles(ada, ben, email, look);
    await beside(ada, target, look);
    for (const person of [ada, ben]) person.check();
    return {};
  });
}

/** The forms of links that are not valid. */
async function enters(ada, target, look) {
  await ada.page.goto(new URL("/confirm-email#glc_nonsense", target.url).href);
  await ada.at("submit").click();
  await ada.page.getByText("Enter the password.").waitFor();
  await look(ada, "confirm-email-errors");
  await ada.at("password").fill(target.password);
  await ada.at("submit").click();
  await ada.at("form-error").getByText("This link").waitFor();
  await look(ada, "confirm-email");
  await ada.page.goto(new URL("/sign-up#gli_nonsense", target.url).href);
  await ada.page.getByText("You are invited").waitFor();
  await look(ada, "invited");
  await ada.at("email").fill(target.email);
  await ada.at("password").fill(target.password);
  await ada.at("submit").click();
  await ada.at("without-invitation").waitFor();
  await look(ada, "invitation-refused");
}

/** The notices: none, and that of a shared sheet, which leads there. */
async function noticed(ada, ben, target, look) {
  await ada.at("bell").click();
  await ada.at("notices-none").waitFor();
  await look(ada, "notices-none");
  await ada.press("Escape");
  await ben.page.goto(new URL("/sign-up", target.url).href);
  await ben.at("name").fill("Ben Miller");
  await ben.at("email").fill(target.email);
  await ben.at("password").fill(target.password);
  await ben.at("submit").click();
  await ben.at("account").waitFor();
  await ada.shareWith(target.email);
  await ben.page.locator('[data-testid="bell"][data-unread="1"]').waitFor();
  await ben.at("bell").click();
  await ben.at("notice").waitFor();
  await look(ben, "notices");
  await ben.at("notice").click();
  await ben.ready();
}

/** Both on the sheet: names, and one follows the other. */
async function together(ada, ben, look) {
  await ada.typeAndStay(4, 1, "half a word");
  await ben.at("name-tag").getByText("Ada Lovelace …").waitFor();
  await fits(ben);
  await look(ben, "people-editing");
  await ada.press("Enter");
  await ada.status("saved", 0);
  await ben.at("person").click();
  await ben.at("follow-stop").waitFor();
  await look(ben, "people-following");
  await ben.at("follow-stop").click();
}

/** Whether all of the bar and of the line below the sheet is on the screen. */
async function fits(person) {
  const over = await person.page.evaluate(() =>
    [".sheet-page > .bar", ".foot"].filter((place) => {
      const { scrollWidth, clientWidth } = document.querySelector(place);
      return scrollWidth > clientWidth;
    }),
  );
  equal(over, [], "what is wider than the screen");
}

/** Opens the side panel at a tab; on a phone one button opens it. */
async function panel(person, tab) {
  if ((await person.at(`${tab}-open`).count()) > 0) await person.at(`${tab}-open`).click();
  else {
    await person.at("panel-open").click();
    await person.at(`tab-${tab}`).click();
  }
}

async function chat(ada, ben, look) {
  await panel(ben, "chat");
  await ben.at("composer").pressSequentially("Look at this, @Ad");
  await ben.page.getByRole("option").first().waitFor();
  await look(ben, "mentions");
  await ben.press("Enter", "Enter");
  await ben.at("message").getByText("Look at this").waitFor();
  await look(ben, "chat");
  await ada.page.locator('[data-testid="bell"][data-unread="1"]').waitFor();
  await fits(ada);
  await look(ada, "mentioned");
  await ben.at("panel-close").click();
}

async function comments(ada, ben, look) {
  await panel(ben, "comments");
  await ben.at("comment-begin").click();
  await ben.at("composer").fill("Is this one or two?");
  await ben.press("Enter");
  await ben.at("comment-open").click();
  await ben.at("comment-resolve").click();
  await ben.at("comment-reopen").waitFor();
  await look(ben, "comment-resolved");
  await ben.at("comments-back").click();
  await ben.at("comments-resolved").check();
  await ben.at("comment").getByText("Resolved by").waitFor();
  await look(ben, "comments-resolved");
  await ben.at("panel-close").click();
  await ada.at("bell").click();
  await ada.at("notice").first().waitFor();
  await look(ada, "notices-of-messages");
  await ada.press("Escape");
}

/** All conversations, the search for a person, and one conversation. */
async function messages(ada, target, look) {
  await ada.page.goto(new URL("/messages", target.url).href);
  await ada.at("thread").waitFor();
  await look(ada, "messages");
  await ada.at("new-message").click();
  await ada.at("person-found").waitFor();
  await look(ada, "people-found");
  await ada.at("people-query").fill("zzz");
  await ada.at("people-none").waitFor();
  await look(ada, "people-none");
  await ada.at("people-query").fill("ben");
  await ada.at("person-found").click();
  await ada.at("composer").waitFor();
  await look(ada, "conversation-empty");
  await ada.at("composer").fill("Have you seen row 12?");
  await ada.press("Enter");
  const message = ada.at("message").filter({ hasText: "row 12" });
  await message.waitFor();
  await look(ada, "conversation");
  await message.getByTestId("message-menu").click();
  await ada.at("message-edit").waitFor();
  await look(ada, "message-menu");
  await ada.at("message-edit").click();
  await ada.at("message-editing").waitFor();
  await look(ada, "message-edit");
  await ada.press("Escape");
  await message.getByTestId("message-menu").click();
  await ada.at("message-delete").click();
  await look(ada, "message-delete");
  await ada.at("confirm-yes").click();
  await ada.at("message").getByText("Message deleted").waitFor();
  await look(ada, "message-deleted");
  const unknown = "00000000-0000-4000-8000-000000000000";
  await ada.page.goto(new URL(`/messages/person/${unknown}`, target.url).href);
  await ada.at("conversation-gone").waitFor();
  await look(ada, "conversation-gone");
}

/** Edits wait offline, are refused, and access ends. */
async function roles(ada, ben, email, look) {
  await ben.status("saved", 0);
  await ben.context.setOffline(true);
  await ben.status("offline");
  for (const at of [0, 1]) await ben.type(at, 0, "too late");
  await ben.at("status").getByText("waiting").waitFor();
  await fits(ben);
  await look(ben, "offline");
  await ada.giveRole(email, "Commenter");
  await ben.context.setOffline(false);
  await ben.at("refused-banner").getByText("2 cells could not be saved").waitFor();
  await ben.at("role-badge").getByText("Commenter").waitFor();
  await fits(ben);
  await look(ben, "refused");
  await ben.context.setOffline(true);
  await ben.status("offline");
  await fits(ben);
  await look(ben, "commenter-offline");
  await ben.context.setOffline(false);
  // Beside the role a phone shows no state that is usual.
  await ben.find('[data-testid="status"][data-state="saved"]').waitFor({ state: "attached" });
  await ada.at("share-open").click();
  await ada.shareRow(email).getByTestId("unshare").click();
  await ben.at("closed-banner").waitFor();
  await fits(ben);
  await look(ben, "access-ended");
  await ada.press("Escape");
  await ada.at("share").waitFor({ state: "detached" });
}

/** Two sheets side by side; a phone has a menu of them. */
async function beside(ada, target, look) {
  const plan = new URL(ada.page.url()).pathname;
  await ada.page.goto(new URL("/", target.url).href);
  await ada.createSheet("Stock");
  const stock = new URL(ada.page.url()).pathname.split("/").at(-1);
  await ada.page.goto(new URL(`${plan}?beside=${stock}`, target.url).href);
  await ada.beside(plan.split("/").at(-1)).ready();
  if ((await ada.at("tabs-open").count()) > 0) await ada.at("tabs-open").click();
  else {
    await ada.beside(stock).ready();
    await look(ada, "beside");
    await ada.beside(stock).at("pane-more").click();
  }
  await ada.at("menu").waitFor();
  await look(ada, "beside-menu");
}
