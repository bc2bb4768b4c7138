// A forgotten password on a server without mail: the page names the operator, the link from the server's log sets a new
// password once, and each problem has its message at its place.
import { readFile } from "node:fs/promises";
import { accessible } from "../axe.mjs";
import { equal, withBrowsers } from "../browser.mjs";

/** Milliseconds until a link that is missing in the log fails the scenario. */
const PATIENCE = 20_000;
const NEW = "another horse battery";

/** `target.log` is the file of the server's log. */
export function forgotten(target) {
  return withBrowsers(2, async (ada, ben) => {
    await ada.signUp(target);
    await ada.createSheet("Kept");
    await request(ben, target);
    const token = await tokenFrom(target, ben.page);
    await refusals(ben, target, token);
    await setPassword(ben, target, token);
    // The new password has ended the session in the other browser.
    await ada.page.goto(new URL("/", target.url).href);
    await ada.at("sign-in-again").waitFor();
    for (const person of [ada, ben]) person.check();
    return {};
  });
}

async function request(ben, target) {
  await ben.page.goto(new URL("/", target.url).href);
  await ben.at("email").fill("no address");
  await ben.at("forgot").click();
  // The typed address stays, and its error is at the field.
  equal(await ben.at("email").inputValue(), "no address", "the address");
  await ben.at("submit").click();
  await ben.page.locator(".note.error").waitFor();
  equal(await ben.at("form-error").textContent(), "", "the message below the form");
  // The answer for an address without an account is the same.
  const answers = [];
  for (const email of ["unknown@example.org", target.email]) {
    await ben.page.goto(new URL("/forgot-password", target.url).href);
    await ben.at("email").fill(email);
    await ben.at("submit").click();
    const answer = await ben.at("link-requested").textContent();
    answers.push(answer.replace(email, "it"));
  }
  equal(answers[0], answers[1], "the answers");
  await ben.at("link-requested").getByText("the desk at 42").waitFor();
}

/** The token of the link for the person's address in the server's log. */
async function tokenFrom({ log, email }, page) {
  const giveUp = performance.now() + PATIENCE;
  for (;;) {
    const lines = (await readFile(log, "utf8")).split("\n").filter((line) => line.includes(email));
    const link = /\/reset-password#(glr_[\w-]+)/.exec(lines.at(-1) ?? "");
    if (link !== null) return link[1];
    if (performance.now() > giveUp) throw new Error(`there is no link in ${log}`);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  }
}

async function open(ben, target, token) {
  // Another page first, so that the browser loads this one again when only the part after the # differs.
  await ben.page.goto(new URL("/sign-up", target.url).href);
  await ben.page.goto(new URL(`/reset-password#${token}`, target.url).href);
  await ben.at("password").waitFor();
}

async function refusals(ben, target, token) {
  await open(ben, target, "glr_nonsense");
  await ben.at("password").fill(NEW);
  await ben.at("submit").click();
  await ben.at("form-error").getByText("This link").waitFor();
  await open(ben, target, token);
  await ben.at("password").fill("short");
  await ben.at("submit").click();
  await ben.page.locator(".note.error").getByText("at least 8").waitFor();
  await accessible(ben.page, "reset-password-errors");
}

async function setPassword(ben, target, token) {
  await ben.at("password").fill(NEW);
  await ben.at("submit").click();
  await ben.at("password-set").waitFor();
  await accessible(ben.page, "reset-password-done");
  await ben.page.getByRole("button", { name: "Sign in" }).click();
  await ben.signIn({ ...target, password: NEW });
  await ben.at("sheet-row").getByText("Kept").waitFor();
  // A link is used once.
  await open(ben, target, token);
  await ben.at("password").fill("a third horse battery");
  await ben.at("submit").click();
  await ben.at("form-error").getByText("ask for a new one").waitFor();
  await accessible(ben.page, "reset-password-used");
}
