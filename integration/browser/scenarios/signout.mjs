// Signing out with edits that are only in this browser: the person keeps them for the next sign-in, or discards them,
// also those of other tabs. A session that the server ends keeps them without a question.
import { equal, Person, withBrowsers } from "../browser.mjs";
import { keepsDrafts } from "../drafts.mjs";
import { accessible } from "../axe.mjs";
import { endToken } from "./expired.mjs";

export function signout(target) {
  return withBrowsers(1, async (ada) => {
    await ada.signUp(target);
    await ada.createSheet("On the train");
    const url = ada.page.url();
    await ada.type(0, 0, "saved");
    await ada.status("saved", 0);
    await kept(ada, target, url);
    await discarded(ada, target, url);
    await ended(ada, target, url);
    await message(ada, target, url);
    await saved(ada);
    ada.check();
    return {};
  });
}

/** Makes one edit that stays in this browser. */
async function offlineEdit(person, row, text) {
  await person.context.setOffline(true);
  await person.status("offline");
  await person.type(row, 0, text);
  await person.status("offline", 1);
}

async function signOut(person) {
  await person.at("account").click();
  await person.at("sign-out").click();
}

/** The person keeps the edit: it is sent after the next sign-in. */
async function kept(ada, target, url) {
  await offlineEdit(ada, 1, "in the tunnel");
  await signOut(ada);
  await ada.at("unsent-count").getByText("1 edit in 1 sheet has not reached the server").waitFor();
  await accessible(ada.page, "sign-out-unsent");
  await ada.press("Escape");
  await ada.at("unsent").waitFor({ state: "detached" });
  await ada.sees(1, 0, "in the tunnel");
  await signOut(ada);
  await ada.at("unsent-keep").click();
  await ada.at("submit").waitFor();
  await ada.page.getByText("The server was not reached").waitFor();
  await keepsDrafts(ada.page, 1, "in the tunnel");
  await ada.context.setOffline(false);
  await ada.signIn(target);
  await ada.page.goto(url);
  await ada.ready();
  await ada.sees(1, 0, "in the tunnel");
  await ada.status("saved", 0);
  await keepsDrafts(ada.page, 0);
}

/** The person discards the edits of all tabs: no tab stores them again. */
async function discarded(ada, target, url) {
  const other = new Person(ada.context, await ada.context.newPage());
  await other.page.goto(url);
  await other.ready();
  await offlineEdit(other, 2, "from the other tab");
  await offlineEdit(ada, 3, "not to be sent");
  await keepsDrafts(ada.page, 2, "from the other tab");
  await signOut(ada);
  await ada.at("unsent-count").getByText("2 edits in 1 sheet have not").waitFor();
  await ada.at("unsent-discard").click();
  for (const person of [ada, other]) await person.at("submit").waitFor();
  await keepsDrafts(ada.page, 0);
  other.check();
  await other.page.close();
  await keepsDrafts(ada.page, 0);
  await ada.context.setOffline(false);
  await ada.signIn(target);
  await ada.page.goto(url);
  await ada.ready();
  await ada.sees(1, 0, "in the tunnel");
  for (const row of [2, 3]) await ada.sees(row, 0, "");
}

/** A session that the server ends keeps the edits, also over a reload. */
async function ended(ada, target, url) {
  await offlineEdit(ada, 4, "after the end");
  await keepsDrafts(ada.page, 1, "after the end");
  await endToken(ada, target);
  await ada.context.setOffline(false);
  await ada.at("sign-in-again").waitFor();
  await ada.page.reload();
  await ada.at("sign-in-again").waitFor();
  await keepsDrafts(ada.page, 1, "after the end");
  await ada.at("password").fill(target.password);
  await ada.at("submit").click();
  await ada.ready();
  await ada.sees(4, 0, "after the end");
  await ada.status("saved", 0);
  equal(ada.page.url(), url, "the address");
}

/** A typed text that has no cell any more is in a message only: it ends with the sign-out, after a question. */
async function message(ada, target, url) {
  const other = new Person(ada.context, await ada.context.newPage());
  await other.page.goto(url);
  await other.ready();
  await ada.typeAndStay(6, 0, "without a cell");
  await other.choose(6, 0, "delete-rows");
  const text = ada.page.getByText("without a cell", { exact: false }).first();
  await ada.at("toast-info").filter({ hasText: "without a cell" }).waitFor();
  await signOut(ada);
  await ada.at("unsent-count").getByText("Signing out also removes 1 message").waitFor();
  equal(await ada.at("unsent-keep").count(), 0, "buttons to keep edits");
  await ada.at("unsent-discard").click();
  await ada.at("submit").waitFor();
  await ada.at("toast-info").waitFor({ state: "detached" });
  equal(await text.count(), 0, "messages with the text");
  other.check();
  await other.page.close();
  await ada.signIn(target);
  await ada.page.goto(url);
  await ada.ready();
}

/** Without such edits, no question is asked, and nothing stays. */
async function saved(ada) {
  await keepsDrafts(ada.page, 0);
  await signOut(ada);
  await ada.at("submit").waitFor();
  await keepsDrafts(ada.page, 0);
}
