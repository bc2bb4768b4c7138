// A server that confirms addresses: a new account signs in once its link and its password confirm the address; an
// invitation of the operator makes an account at once. Each problem has its message at its place.
import { readFile } from "node:fs/promises";
import { accessible } from "../axe.mjs";
import { equal, withBrowsers } from "../browser.mjs";

/** Milliseconds until a link that is missing in the log fails the scenario. */
const PATIENCE = 20_000;

/** `target.log` is the file of the server's log, `target.invitation` a link of the operator for `target.invited`. */
export function admitted(target) {
  return withBrowsers(2, async (ada, ben) => {
    await signUp(ada, target);
    await signInTooEarly(ada, target);
    await confirm(ada, target);
    await ada.signIn(target);
    await invited(ben, target);
    for (const person of [ada, ben]) person.check();
    return {};
  });
}

async function fill(person, { email, password }) {
  await person.at("email").fill(email);
  await person.at("password").fill(password);
  await person.at("submit").click();
}

async function signUp(ada, target) {
  await ada.page.goto(new URL("/sign-up", target.url).href);
  await ada.at("name").fill("Ada Lovelace");
  await fill(ada, target);
  await ada.at("unconfirmed").getByText(target.email).waitFor();
  await accessible(ada.page, "sign-up-unconfirmed");
}

async function signInTooEarly(ada, target) {
  await ada.page.goto(new URL("/sign-in", target.url).href);
  await fill(ada, target);
  await ada.at("form-error").getByText("This server sends no mail").waitFor();
  await accessible(ada.page, "sign-in-unconfirmed");
}

async function open(person, target, path) {
  // Another page first, so that the browser loads this one again when only the part after the # differs.
  await person.page.goto(new URL("/forgot-password", target.url).href);
  await person.page.goto(new URL(path, target.url).href);
  await person.at("password").waitFor();
}

async function confirm(ada, target) {
  await open(ada, target, "/confirm-email#glc_nonsense");
  await ada.at("password").fill(target.password);
  await ada.at("submit").click();
  await ada.at("form-error").getByText("This link").waitFor();
  await open(ada, target, await linkFrom(target, ada.page));
  await ada.at("password").fill("another password of mine");
  await ada.at("submit").click();
  await ada.page.locator(".note.error").waitFor();
  equal(await ada.at("form-error").textContent(), "", "the message below the form");
  await accessible(ada.page, "confirm-email-wrong");
  await ada.at("password").fill(target.password);
  await ada.at("submit").click();
  await ada.at("confirmed").waitFor();
  await accessible(ada.page, "confirm-email-done");
}

async function invited(ben, target) {
  const link = new URL(target.invitation);
  await open(ben, target, `${link.pathname}${link.hash}`);
  await ben.page.getByText("You are invited").waitFor();
  await fill(ben, { email: target.invited, password: target.password });
  await ben.at("account").waitFor();
  equal(new URL(ben.page.url()).hash, "", "the part after the # of the address");
}

/** The path of the link for the person's address in the server's log. */
async function linkFrom({ log, email }, page) {
  const giveUp = performance.now() + PATIENCE;
  for (;;) {
    const lines = (await readFile(log, "utf8")).split("\n").filter((line) => line.includes(email));
    const links = lines.map((line) => /\/confirm-email#glc_[\w-]+/.exec(line)?.[0]);
    const link = links.findLast((found) => found !== undefined);
    if (link !== undefined) return link;
    if (performance.now() > giveUp) throw new Error(`there is no link in ${log}`);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  }
}
