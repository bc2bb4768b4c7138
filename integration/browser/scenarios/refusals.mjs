// What the server refuses in the dialog to share a sheet, and names that are too long: each has its message at its
// field.
import { accessible } from "../axe.mjs";
import { equal, withBrowsers } from "../browser.mjs";

/** More new addresses than an account shares with at once. */
const ADDRESSES = 420;
/** Addresses that are tried until one is refused. */
const MORE = 5;
const LONG = "x".repeat(10_000);

export function refusals(target) {
  return withBrowsers(2, async (ada, ben) => {
    await ada.signUp(target);
    await names(ada, target);
    await ada.createSheet("Plan");
    await addresses(ada, target);
    await invited(ada, ben, target);
    await tooMany(ada, target);
    for (const person of [ada, ben]) person.check();
    return {};
  });
}

/** The message below a field. */
function note(person, field) {
  return person.at(field).locator("xpath=..").locator(".note.error");
}

async function names(ada, target) {
  await ada.at("new-sheet").click();
  await ada.at("prompt-input").fill(LONG);
  await ada.at("prompt-submit").click();
  await note(ada, "prompt-input").getByText("Use at most 200 characters").waitFor();
  equal((await ada.at("prompt-input").inputValue()).length, LONG.length, "characters that stay");
  await ada.press("Escape");
  await ada.at("prompt").waitFor({ state: "detached" });
  equal(new URL(ada.page.url()).pathname, new URL(target.url).pathname, "the address");
}

async function add(person, email) {
  await person.at("share-email").fill(email);
  await person.at("share-submit").click();
}

async function addresses(ada, target) {
  await ada.at("share-open").click();
  await add(ada, target.email);
  await note(ada, "share-email").getByText("is your own address").waitFor();
  await add(ada, `${LONG}@example.org`);
  await note(ada, "share-email").getByText("must be an e-mail address").waitFor();
  await accessible(ada.page, "share-long-address");
}

/** An address is invited until its owner has opened the sheet. The server without mail sends no letter, which the dialog shows. */
async function invited(ada, ben, target) {
  const email = `ben-${target.email}`;
  await add(ada, email);
  await ada.page.getByText("No letter is sent: send the person the address").waitFor();
  const row = ada.at("share-row").filter({ hasText: email });
  await row.getByText("invited, has not opened it yet").waitFor();
  await accessible(ada.page, "share-invited");
  await ben.signUp({ ...target, email });
  await ben.at("sheet-row").getByRole("link").click();
  await ben.ready();
  await ada.press("Escape");
  await ada.at("share-open").click();
  await row.getByText("Ada Lovelace").waitFor();
  equal(
    await row.getByText("invited").count(),
    0,
    "invitations of a person who has opened the sheet",
  );
}

/** More new addresses than the server takes, by calls beside the page; the next one is refused at its field. */
async function tooMany(ada, { url }) {
  const token = await ada.page.evaluate(
    () => JSON.parse(localStorage.getItem("gridloom.session")).token,
  );
  const sheet = new URL(ada.page.url()).pathname.split("/").at(-1);
  for (let number = 0; number < ADDRESSES; number++) {
    const answer = await fetch(new URL("/gridloom.v1.SharingService/Share", url), {
      method: "POST",
      headers: { "content-type": "application/grpc-web+proto", authorization: `Bearer ${token}` },
      body: shareRequest(sheet, `n${number}@example.org`),
    });
    equal(answer.status, 200, "sharing");
    await answer.arrayBuffer();
  }
  const refused = note(ada, "share-email").getByText("as many new addresses as the server takes");
  // The server takes another one each minute: where the calls before took that long, a few more are taken.
  for (let more = 0; more < MORE; more++) {
    const email = `one-more${more}@example.org`;
    await add(ada, email);
    const given = ada.page.getByText(`${email} is editor now`);
    await refused.or(given).first().waitFor();
    if ((await refused.count()) > 0) break;
  }
  await refused.waitFor();
  await note(ada, "share-email").getByText("Wait 1 minute").waitFor();
}

/** An encoded ShareRequest for a viewer, as one message of grpc-web. */
function shareRequest(sheet, email) {
  const text = (field, value) => [(field << 3) | 2, value.length, ...Buffer.from(value)];
  const message = [...text(1, sheet), ...text(2, email), 3 << 3, 1];
  return Uint8Array.from([0, 0, 0, 0, message.length, ...message]);
}
