// The deletion of the own account: what becomes of its sheets, refusals at their fields, unsent edits, and the page
// afterwards in all tabs.
import { accessible } from "../axe.mjs";
import { equal, Person, withBrowsers } from "../browser.mjs";

export function deletion(target) {
  return withBrowsers(2, async (ada, ben) => {
    const heir = { ...target, email: `heir-${target.email}` };
    await ada.signUp(target);
    await ada.createSheet("Kept");
    const url = ada.page.url();
    await ada.type(0, 0, "by Ada");
    await ada.status("saved", 0);
    await ada.shareWith(heir.email);
    await ben.signUp(heir);
    await refusals(ada, target, heir);
    await unsent(ada, url);
    await given(ada, ben, { target, heir, url });
    await deletes(ben, heir, url);
    for (const person of [ada, ben]) person.check();
    return {};
  });
}

async function openForm(person, { url }) {
  await person.page.goto(new URL("/account", url).href);
  await person.at("delete-account").click();
}

/** The message below a field. */
function note(person, field) {
  return person.at(field).locator("xpath=..").locator(".note.error");
}

async function refusals(ada, target, heir) {
  await openForm(ada, target);
  await ada.at("delete-form").getByText("What becomes of your sheet?").waitFor();
  await ada.at("delete-submit").click();
  await ada.page.getByText("Choose what becomes of your sheets.").waitFor();
  await note(ada, "delete-password").getByText("Enter your password.").waitFor();
  await accessible(ada.page, "delete-account-errors");
  await ada.at("fate-give").check();
  await ada.at("delete-to").fill("no address");
  await ada.at("delete-password").fill("not the password");
  await ada.at("delete-submit").click();
  await note(ada, "delete-to").getByText("Enter an e-mail address.").waitFor();
  await ada.at("delete-to").fill(heir.email);
  await ada.at("delete-submit").click();
  await note(ada, "delete-password").getByText("not the password of your account").waitFor();
  await ada.at("delete-password").fill(target.password);
  await ada.at("delete-submit").click();
  await note(ada, "delete-to").getByText("has not opened each of your sheets").waitFor();
  await ada.at("delete-to").fill(target.email);
  await ada.at("delete-submit").click();
  await note(ada, "delete-to").getByText("another account").waitFor();
  equal(await ada.at("delete-error").textContent(), "", "the message below the form");
  await ada.press("Escape");
  await ada.at("delete-dialog").waitFor({ state: "detached" });
}

/** An edit that has not reached the server is asked about first. */
async function unsent(ada, url) {
  // The page of the account has loaded, and the person goes from there to the sheet.
  await ada.at("back").click();
  await ada.at("sheet-row").getByRole("link").click();
  await ada.ready();
  await ada.context.setOffline(true);
  await ada.status("offline");
  await ada.type(1, 0, "in the tunnel");
  await ada.status("offline", 1);
  await ada.at("account").click();
  await ada.at("account-open").click();
  await ada.at("account-page").waitFor();
  await ada.at("delete-account").click();
  await ada.at("delete-unsent").getByText("1 edit in 1 sheet has not reached the server").waitFor();
  await accessible(ada.page, "delete-account-unsent");
  await ada.press("Escape");
  await ada.context.setOffline(false);
  await ada.page.goto(url);
  await ada.ready();
  await ada.status("saved", 0);
}

/** The heir opens the sheet and becomes its owner; each tab of the deleted account says that it is deleted. */
async function given(ada, ben, { target, heir, url }) {
  await ben.page.goto(url);
  await ben.ready();
  const other = new Person(ada.context, await ada.context.newPage());
  await other.page.goto(url);
  await other.ready();
  await openForm(ada, target);
  await ada.at("fate-give").check();
  await ada.at("delete-to").fill(heir.email);
  await ada.at("delete-password").fill(target.password);
  await ada.at("delete-password").press("Enter");
  for (const person of [ada, other]) await person.at("account-deleted").waitFor();
  await accessible(ada.page, "account-deleted");
  await ada.page.reload();
  await ada.at("account-deleted").waitFor();
  await ada.at("deleted-leave").click();
  for (const person of [ada, other]) await person.at("submit").waitFor();
  equal(await ada.at("sign-in-again").count(), 0, "dialogs to sign in again");
  await ada.at("email").fill(target.email);
  await ada.at("password").fill(target.password);
  await ada.at("submit").click();
  await ada.at("form-error").getByText("wrong").waitFor();
  other.check();
  await ben.page.goto(new URL("/", url).href);
  await ben.at("sheet-row").filter({ hasText: "Kept" }).getByTestId("more").click();
  await ben.at("delete").waitFor();
  await ben.press("Escape");
}

/** The sheets go with the account; a person who signs in afterwards sees the sign-in page as always. */
async function deletes(ben, heir, url) {
  await openForm(ben, heir);
  await ben.at("fate-delete").check();
  await ben.at("delete-password").fill(heir.password);
  await ben.at("delete-submit").click();
  await ben.at("account-deleted").waitFor();
  await ben.at("deleted-leave").click();
  await ben.signUp({ ...heir, email: `next-${heir.email}` });
  await ben.page.goto(url);
  await ben.at("sheet-not-found").waitFor();
  await ben.page.reload();
  await ben.at("sheet-not-found").waitFor();
}
