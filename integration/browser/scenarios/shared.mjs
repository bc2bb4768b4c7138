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
