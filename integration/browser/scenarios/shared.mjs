// Several persons on one sheet: it is shared by address and by link, roles change while the sheet is open, and access
// ends. Edits that are refused for that stay with their author.
//
// GRIDLOOM_SHOTS=DIR stores screenshots.
import { accessible } from "../axe.mjs";
import { equal, withBrowsers } from "../browser.mjs";

export function shared(target) {
  return withBrowsers(3, async (ada, ben, cy) => {
    await ada.signUp(target);
    await ada.createSheet("Plan");
    const url = ada.page.url();
    const email = `ben-${target.email}`;
    await share(ada, target, email);
    await ben.signUp({ ...target, email });
    await together(ada, ben, url);
    await guest(ada, cy, target);
    await list(ben, target);
    await ben.page.goto(url);
    await ben.ready();
    await roles(ada, ben, email);
    await refused(ada, ben, email);
    await removed(ada, ben, email);
    await transferred(ada, ben, email, url);
    for (const person of [ada, ben, cy]) person.check();
    return {};
  });
}

/** The row of a person or a link in the dialog. */
function row(person, text) {
  return person.at("share-row").filter({ hasText: text });
}

async function share(ada, target, email) {
  await ada.at("share-open").click();
  await ada.at("share-email").fill("no address");
  await ada.at("share-submit").click();
  await ada.page.getByText("Enter an e-mail address.").waitFor();
  await ada.at("share-email").fill(target.email);
  await ada.at("share-submit").click();
  await ada.page.getByText("is your own address").waitFor();
  await ada.at("share-email").fill(email);
  await ada.at("share-submit").click();
  await row(ada, email).getByText("has not opened it yet").waitFor();
  await ada.press("Escape");
  await ada.at("share").waitFor({ state: "detached" });
}

/** A new account with the address finds the sheet in its list; both edit and see each other. */
async function together(ada, ben, url) {
  await ben.at("sheet-row").filter({ hasText: "Plan" }).getByRole("link").click();
  await ben.ready();
  equal(ben.page.url(), url, "the address of the sheet");
  await ada.at("people").and(ada.page.locator('[data-count="1"]')).waitFor();
  await ada.type(0, 0, "from Ada");
  await ben.sees(0, 0, "from Ada");
  await ben.type(1, 1, "from Ben");
  await ada.sees(1, 1, "from Ben");
}

/** The owner makes a link, by which a person without an account enters. Signing up keeps the sheet. */
async function guest(ada, cy, target) {
  await ada.at("share-open").click();
  await ada.at("link-make").click();
  const links = ada.at("link-row");
  await links.filter({ hasText: "accounts only" }).waitFor();
  await ada.at("link-guests").check();
  await ada.at("link-make").click();
  const open = links.filter({ hasText: "guests allowed" });
  await open.waitFor();
  const [closed, address] = await Promise.all(
    [links.filter({ hasText: "accounts only" }), open].map((link) =>
      link.getByTestId("link-address").inputValue(),
    ),
  );
  await accessible(ada.page, "share");

  await cy.page.goto(closed);
  await cy.at("as-guest").click();
  await cy.at("submit").click();
  await cy.page.getByText("This needs an account.").waitFor();
  await cy.page.goto(address);
  await cy.at("as-guest").click();
  await cy.at("guest-name").fill("Cy");
  await accessible(cy.page, "guest");
  await cy.at("submit").click();
  await cy.ready();
  await cy.sees(0, 0, "from Ada");
  await ada.press("Escape");
  await ada.at("people").and(ada.page.locator('[data-count="2"]')).waitFor();
  await cy.at("account").click();
  await cy.at("account-name").getByText("Cy (guest)").waitFor();
  await cy.press("Escape");
  await cy.page.goto(closed);
  await cy.at("link-needs-account").waitFor();
  await cy.page.goto(new URL("/", address).href);
  await cy.at("shared-by").getByText("Shared by Ada Lovelace · Viewer").waitFor();
  equal(await cy.at("new-sheet").count(), 0, "buttons of a guest for a new sheet");
  await cy.at("sheet-row").getByRole("link").click();
  await cy.ready();

  await signsUp(cy, target);
  await endLink(ada, address);
  const banner = cy.at("closed-banner");
  await banner.getByText("Your access to this sheet has ended").waitFor();
  await cy.page.goto(address);
  await cy.at("link-ended").waitFor();
  await accessible(cy.page, "link-ended");
}

/** A guest who signs up has the role of the link with the new account. */
async function signsUp(cy, target) {
  await cy.at("account").click();
  await cy.at("guest-sign-up").click();
  await cy.at("name").fill("Cy Young");
  await cy.at("email").fill(`cy-${target.email}`);
  await cy.at("password").fill(target.password);
  await cy.at("submit").click();
  await cy.ready();
  await cy.sees(0, 0, "from Ada");
  await cy.at("role-badge").getByText("Viewer").waitFor();
  await cy.at("account").click();
  await cy.at("account-name").getByText(`cy-${target.email}`).waitFor();
  await cy.press("Escape");
}

async function endLink(ada, address) {
  await ada.at("share-open").click();
  const links = ada.at("link-row");
  await links.first().waitFor();
  const open = links.filter({ hasText: "guests allowed" });
  equal(await open.getByTestId("link-address").inputValue(), address, "the link");
  await open.getByTestId("link-end").click();
  await open.waitFor({ state: "detached" });
  await ada.press("Escape");
  await ada.at("share").waitFor({ state: "detached" });
}

/** The list of an editor: whose the sheet is, a new name, and no deletion. */
async function list(ben, target) {
  await ben.page.goto(new URL("/", target.url).href);
  await ben.at("shared-by").getByText("Shared by Ada Lovelace · Editor").waitFor();
  await ben.at("more").click();
  await ben.at("rename").waitFor();
  equal(await ben.at("delete").count(), 0, "items to delete another person's sheet");
  await accessible(ben.page, "list-shared");
  await ben.press("Escape");
}

/** A role takes effect in the open sheet, also while the person types. */
async function roles(ada, ben, email) {
  await ben.typeAndStay(3, 0, "half typed");
  await ada.giveRole(email, "Viewer");
  await ben.at("role-badge").getByText("Viewer · read only").waitFor();
  await ben.page.getByText("You are a viewer of this sheet now").waitFor();
  await ben.at("insert-rows").waitFor({ state: "detached" });
  await accessible(ben.page, "sheet-viewer");
  // The text in the open editor stays in a message.
  await ben.finish();
  await ben.page.getByText("half typed").waitFor();
  await ben.click(4, 0);
  await ben.page.keyboard.type("x");
  await ben.at("toast-info").filter({ hasText: "not change it" }).first().waitFor();
  equal(await ben.cell(4, 0), "", "a cell that a viewer types into");

  await ada.giveRole(email, "Editor");
  await ben.at("role-badge").waitFor({ state: "detached" });
  await ben.page.getByText("You are an editor of this sheet now").waitFor();
  await ben.type(5, 0, "editor again");
  await ada.sees(5, 0, "editor again");
}

/** Edits on their way when the right ends are refused, and their author copies them. */
async function refused(ada, ben, email) {
  await ben.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await ben.status("saved", 0);
  await ben.context.setOffline(true);
  await ben.status("offline");
  await ben.type(6, 0, "too late");
  await ben.type(7, 1, "also late");
  await ada.giveRole(email, "Commenter");
  await ben.context.setOffline(false);
  const banner = ben.at("refused-banner");
  await banner.getByText("2 cells could not be saved").waitFor();
  await ben.sees(6, 0, "");
  await ben.at("role-badge").getByText("Commenter · read only").waitFor();
  await accessible(ben.page, "sheet-refused");
  // They outlive the page until they are copied.
  for (const reloads of [1, 2]) {
    await ben.page.reload();
    await ben.ready();
    await banner.getByText("2 cells could not be saved").waitFor();
    equal(await banner.count(), 1, `banners after ${reloads} reloads`);
  }
  await ben.at("copy-refused").click();
  await ben.at("copy-refused").getByText("Copied").waitFor();
  const copied = await ben.page.evaluate(() => navigator.clipboard.readText());
  equal(copied, "Row,Column,Value\n7,A,too late\n8,B,also late\n", "the refused edits");
  await ben.page.reload();
  await ben.ready();
  equal(await banner.count(), 0, "banners after the edits were copied");
  await refusedAtTheEnd(ada, ben, email);
  equal(await ada.cell(6, 0), "", "a refused edit at the owner");
}

/** A further refused edit is there without access to the sheet, too, until it is dismissed. */
async function refusedAtTheEnd(ada, ben, email) {
  await ada.giveRole(email, "Editor");
  await ben.at("role-badge").waitFor({ state: "detached" });
  await ben.context.setOffline(true);
  await ben.status("offline");
  await ben.type(8, 0, "much too late");
  await ada.giveRole(email, "Viewer");
  await ben.context.setOffline(false);
  await ben.at("refused-banner").getByText("1 cell could not be saved").waitFor();
}

async function unshare(ada, email) {
  await ada.at("share-open").click();
  await row(ada, email).getByTestId("unshare").click();
  await row(ada, email).waitFor({ state: "detached" });
  await ada.press("Escape");
  await ada.at("share").waitFor({ state: "detached" });
}

async function removed(ada, ben, email) {
  const ended = ben.at("closed-banner").getByText("Your access to this sheet has ended");
  await unshare(ada, email);
  await ended.waitFor();
  // A sheet that is shared again opens where it was closed.
  await ben.page.waitForFunction(() =>
    performance.getEntriesByType("resource").some(({ name }) => name.includes("/shared-again-")),
  );
  await ada.shareWith(email);
  await ended.waitFor({ state: "detached" });
  await unshare(ada, email);
  await ended.waitFor();
  await ben.page.reload();
  await ben.at("sheet-not-found").waitFor();
  await ben.at("refused-banner").getByText("1 cell could not be saved").waitFor();
  await accessible(ben.page, "not-found-refused");
  await ben.at("dismiss-refused").click();
  await ben.at("refused-banner").waitFor({ state: "detached" });
  await ben.page.reload();
  await ben.at("sheet-not-found").waitFor();
  equal(await ben.at("refused-banner").count(), 0, "banners after they were dismissed");
}

/** The sheet gets another owner, and its former owner leaves it. */
async function transferred(ada, ben, email, url) {
  await ada.at("share-open").click();
  await ada.at("share-email").fill(email);
  await ada.at("share-submit").click();
  await row(ada, email).waitFor();
  await ada.press("Escape");
  await ben.page.goto(url);
  await ben.ready();
  // The open dialog follows the own role.
  await ben.at("share-open").click();
  await ben.at("leave").waitFor();
  await ada.at("share-open").click();
  await row(ada, email).getByTestId("role").click();
  await ada.page.getByRole("option").filter({ hasText: "Owner" }).click();
  await accessible(ada.page, "transfer");
  await ada.at("confirm-yes").click();
  await ada.at("leave").waitFor();
  await ben.page.getByText("You are the owner of this sheet now.").waitFor();
  await ben.at("share-submit").waitFor();
  await ben.press("Escape");
  await ben.at("share").waitFor({ state: "detached" });
  await ada.at("leave").click();
  await ada.at("confirm-yes").click();
  await ada.at("empty").waitFor();
  await ada.page.getByText("You have left “Plan”.").waitFor();
  await ben.type(0, 1, "Ben's sheet");
  await ben.status("saved", 0);
}
