// Signing in with an OpenID provider: a person who does not agree is not signed in, one who does is back on the same page,
// and an account that was made before with the same address needs its password once. An account without a password is
// deleted after another sign-in with the provider.
import { accessible } from "../axe.mjs";
import { equal, withBrowsers } from "../browser.mjs";

/** The persons of the provider are `ada`, who is new, and `early`, with the address `target.email`. */
export function provider(target) {
  return withBrowsers(2, async (ada, early) => {
    await denied(ada, target);
    await agreed(ada, target);
    await returned(ada, target);
    await connected(early, target);
    await removed(ada, target);
    for (const person of [ada, early]) person.check();
    return {};
  });
}

/** Agrees on the page of the provider. */
async function agree(person, subject) {
  await person.page.locator('input[name="sub"]').fill(subject);
  await person.page.locator('button:text-is("Authorize")').click();
}

async function signOut(person) {
  await person.at("account").click();
  await person.at("sign-out").click();
  await person.at("provider").waitFor();
}

async function denied(ada, target) {
  await ada.page.goto(new URL("/sign-in", target.url).href);
  const button = ada.at("provider");
  await button.waitFor();
  equal(await button.textContent(), "Continue with Staff ID", "the button");
  await accessible(ada.page, "provider-button");
  await button.click();
  await ada.page.locator('button[value="deny"]').click();
  await ada.at("provider-failed").getByText("You did not agree at Staff ID").waitFor();
  equal(new URL(ada.page.url()).search, "", "the parameters of the address");
  await accessible(ada.page, "provider-failed");
}

async function agreed(ada, target) {
  await ada.at("provider-again").click();
  await agree(ada, "ada");
  await ada.at("account").waitFor();
  equal(ada.page.url(), new URL("/", target.url).href, "the address");
  await signOut(ada);
}

/** The person returns to the page that asked for the sign-in. */
async function returned(ada, target) {
  await ada.page.goto(new URL("/account", target.url).href);
  await ada.at("provider").click();
  await agree(ada, "ada");
  await ada.at("account-page").waitFor();
  equal(new URL(ada.page.url()).pathname, "/account", "the path");
  await ada.at("no-password").getByText("Staff ID").waitFor();
  await accessible(ada.page, "no-password");
}

async function connected(early, target) {
  await early.signUp(target);
  await signOut(early);
  await early.at("provider").click();
  await agree(early, "early");
  await early.at("password").waitFor();
  await early.page.getByText(`${target.email} has an account here`).waitFor();
  await accessible(early.page, "provider-connect");
  await early.at("submit").click();
  await early.page.getByText("Enter the password.").waitFor();
  await early.at("password").fill("another password of mine");
  await early.at("submit").click();
  await early.page.getByText("The password is not that of the account").waitFor();
  await early.at("password").fill(target.password);
  await early.at("submit").click();
  await early.at("account").waitFor();
  await signOut(early);
  await early.at("provider").click();
  await agree(early, "early");
  await early.at("account").waitFor();
}

/** The form asks for a sign-in with the provider, and is open again as it was when the person comes back. */
async function removed(ada, target) {
  await ada.page.goto(new URL("/", target.url).href);
  await ada.createSheet("Mine");
  // Renewed tokens of a sign-in that was not asked for again delete no account.
  await ada.page.goto(new URL("/account", target.url).href);
  await ada.at("delete-account").click();
  await ada.at("fate-delete").check();
  equal(await ada.at("delete-password").count(), 0, "fields for a password");
  await ada.at("delete-submit").click();
  await ada.at("delete-sign-in").getByText("sign in with Staff ID once more").waitFor();
  await accessible(ada.page, "delete-provider");
  await ada.at("delete-provider").click();
  await agree(ada, "ada");
  await ada.at("delete-form").waitFor();
  equal(await ada.at("fate-delete").isChecked(), true, "the choice after the way back");
  equal(ada.page.url(), new URL("/account", target.url).href, "the address after the way back");
  await ada.at("delete-submit").click();
  await ada.at("account-deleted").waitFor();
}
