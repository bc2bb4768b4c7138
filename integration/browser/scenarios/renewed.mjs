// A page that stays open continues: one of its tabs renews the token before it ends, also while a person types. A token
// that ends all the same costs no text.
//
// The tokens of the server are valid for some seconds.
import { equal, Person, withBrowsers } from "../browser.mjs";

/** Milliseconds until a renewal that does not come fails the scenario. */
const PATIENCE = 60_000;
/** Renewals that the scenario waits for. */
const TURNS = 3;
const RENEW = "**/gridloom.v1.AccountService/RenewToken";

export function renewed(target) {
  return withBrowsers(1, async (ada) => {
    await ada.signUp(target);
    await ada.createSheet("Long day");
    const other = new Person(ada.context, await ada.context.newPage());
    await other.page.goto(ada.page.url());
    await other.ready();
    const renewals = await continues(ada, other);
    await ends(ada, target);
    for (const person of [ada, other]) person.check();
    return { renewals };
  });
}

function token(person) {
  return person.page.evaluate(() => JSON.parse(localStorage.getItem("gridloom.session")).token);
}

/** Waits until another token has taken the place of one. */
async function another(person, old) {
  await person.page.waitForFunction(
    (old) => JSON.parse(localStorage.getItem("gridloom.session")).token !== old,
    old,
    { timeout: PATIENCE },
  );
  return await token(person);
}

/** Through several tokens: the editor stays open, no session ends, and one tab renews for both. */
async function continues(ada, other) {
  const calls = [];
  ada.context.on("request", (request) => {
    if (request.url().endsWith("/RenewToken")) calls.push(request.url());
  });
  let now = await token(ada);
  await ada.typeAndStay(0, 0, "half a sentence");
  const tokens = new Set([now]);
  for (let turn = 0; turn < TURNS; turn++) {
    now = await another(ada, now);
    tokens.add(now);
    await other.type(2 + turn, 0, `under token ${turn}`);
    await ada.sees(2 + turn, 0, `under token ${turn}`);
    await ada.editor().waitFor({ state: "attached" });
  }
  await ada.finish();
  await other.sees(0, 0, "half a sentence");
  for (const person of [ada, other]) {
    await person.status("saved", 0);
    equal(await person.at("sign-in-again").count(), 0, "dialogs to sign in again");
  }
  equal(tokens.size, TURNS + 1, "tokens");
  // A further one may have been on its way at the beginning; two tabs alone would need twice as many.
  equal(calls.length <= TURNS + 1, true, `calls that renew: ${calls.length} are few enough`);
  await other.page.close();
  return calls.length;
}

/** Without a renewal the token ends while the person types: the dialog keeps the sent and the unsent text. */
async function ends(ada, target) {
  await ada.context.route(RENEW, (route) => route.abort());
  await ada.type(10, 0, "sent");
  await ada.status("saved", 0);
  await ada.typeAndStay(11, 0, "half typed");
  await ada.at("sign-in-again").waitFor({ timeout: PATIENCE });
  await ada.context.unroute(RENEW);
  await ada.at("password").fill(target.password);
  await ada.at("submit").click();
  await ada.at("sign-in-again").waitFor({ state: "detached" });
  await ada.finish();
  await ada.sees(10, 0, "sent");
  await ada.sees(11, 0, "half typed");
  await ada.status("saved", 0);
  await ada.page.reload();
  await ada.ready();
  await ada.sees(11, 0, "half typed");
}
