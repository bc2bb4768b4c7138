// A sheet that can't be opened, or is deleted while it is open: the page shows the reason. Unsaved edits stay in
// the browser, and the person can copy them.
import { equal, withBrowsers } from "../browser.mjs";

export function closed(target) {
  return withBrowsers(3, async (ada, ben, cy) => {
    await ada.signUp(target);
    await ada.createSheet("Stock");
    const url = ada.page.url();
    await noAccess(ben, target, url);
    await deletedWhileOpen(ada, cy, target, url);
    for (const person of [ada, ben, cy]) person.check();
    return {};
  });
}

async function noAccess(ben, target, url) {
  await ben.signUp({ ...target, email: `other-${target.email}` });
  await ben.page.goto(url);
  await ben.at("sheet-not-found").waitFor();
  await ben.at("state-account").getByText("Ada Lovelace").waitFor();
  for (const [path, id] of [
    ["/sheets/nonsense", "bad-link"],
    ["/sheets/01234567-89ab-7def-8123-456789abcdef", "sheet-not-found"],
    ["/no/such/page", "page-not-found"],
  ]) {
    await ben.page.goto(new URL(path, target.url).href);
    await ben.at(id).waitFor();
    equal(await ben.at("status").count(), 0, `pills on ${path}`);
  }
  // Signing in as the owner opens the sheet.
  await ben.page.goto(url);
  await ben.at("sign-in-other").click();
  await ben.at("email").fill(target.email);
  await ben.at("password").fill(target.password);
  await ben.at("submit").click();
  await ben.ready();
}

async function deletedWhileOpen(ada, cy, target, url) {
  await ada.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await ada.at("sheet-title").click();
  await ada.at("prompt-input").fill("Stock of May");
  await ada.at("prompt-submit").click();
  await ada.page.waitForFunction(() => document.title === "Stock of May · Gridloom");
  await ada.type(0, 0, "saved");
  await ada.status("saved", 0);
  await ada.context.setOffline(true);
  await ada.status("offline");
  await ada.type(2, 1, 'says "wait", twice');
  await ada.type(3, 0, "12.5");
  await ada.status("offline", 2);
  await cy.signIn(target);
  await cy.at("more").click();
  await cy.at("delete").click();
  // The list shows it before the server has deleted the sheet.
  await cy.at("toast-info").filter({ hasText: "was deleted" }).waitFor();
  await cy.at("empty").waitFor();
  await ada.context.setOffline(false);
  const banner = ada.at("closed-banner");
  await banner.getByText("unsaved edits are kept").waitFor();
  await ada.sees(0, 0, "saved");

  // The sheet accepts no further edits.
  await ada.click(0, 0);
  await ada.page.keyboard.press("Delete");
  await ada.page.keyboard.type("x");
  await ada.page.keyboard.press("Enter");
  await ada.sees(0, 0, "saved");
  const readOnly = ada.at("toast-info").filter({ hasText: "not change it" });
  await readOnly.getByLabel("Dismiss").click();

  await ada.at("copy-unsaved").click();
  await ada.at("copy-unsaved").getByText("Copied").waitFor();
  const copied = await ada.page.evaluate(() => navigator.clipboard.readText());
  equal(copied, 'Row,Column,Value\n3,B,"says ""wait"", twice"\n4,A,12.5\n', "the edits as text");

  // The owner's page offers to restore the sheet; after that, the edits are saved.
  await cy.page.goto(url);
  await cy.at("sheet-deleted").waitFor();
  await ada.at("restore-sheet").click();
  await ada.status("saved", 0);
  await banner.waitFor({ state: "detached" });
  await cy.page.reload();
  await cy.ready();
  await cy.sees(2, 1, 'says "wait", twice');
  await cy.sees(3, 0, "12.5");

  // The text in an open editor becomes an unsaved edit.
  await ada.typeAndStay(5, 0, "half typed");
  await cy.page.goto(new URL("/", target.url).href);
  await cy.at("more").click();
  await cy.at("delete").click();
  await banner.waitFor();
  // Further typing is refused with a notice.
  await ada.page.keyboard.type("x");
  await readOnly.waitFor();
  await ada.finish();
  await banner.getByText("unsaved edits are kept").waitFor();
}
