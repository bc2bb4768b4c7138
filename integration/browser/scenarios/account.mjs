// The page of the account: its name, its password, its sessions. Each problem has its message at its field, and the end
// of a session takes effect in the other browser.
import { equal, withBrowsers } from "../browser.mjs";

const NEW = "another horse battery";

export function account(target) {
  return withBrowsers(2, async (ada, ben) => {
    await ada.signUp(target);
    await ada.at("account").click();
    await ada.at("account-open").click();
    await ada.at("account-page").waitFor();
    await name(ada, ben, target);
    await sessions(ada, ben, target);
    await password(ada, ben, target);
    await everywhere(ada, ben, target);
    await signUpProblems(ada, target);
    for (const person of [ada, ben]) person.check();
    return {};
  });
}

/** The message below a field. */
function note(person, field) {
  const input = person.at(field);
  return input.locator("xpath=..").locator(".note.error");
}

async function name(ada, ben, target) {
  await ada.at("account-display-name").fill(" ");
  await ada.at("name-submit").click();
  await note(ada, "account-display-name").getByText("Enter a name.").waitFor();
  await ada.at("account-display-name").fill("x".repeat(10_000));
  await ada.at("name-submit").click();
  await note(ada, "account-display-name").getByText("1 to 100 characters").waitFor();
  equal(await ada.at("name-form-error").textContent(), "", "the message below the form");
  const other = await ada.context.newPage();
  await other.goto(new URL("/", target.url).href);
  await ada.at("account-display-name").fill("Ada King");
  await ada.at("account-display-name").press("Enter");
  await ada.at("name-changed").getByText("changed").waitFor();
  for (const page of [ada.page, other]) await page.getByLabel("Account: Ada King").waitFor();
  await other.close();
  await ben.signIn(target);
  await ben.page.getByLabel("Account: Ada King").waitFor();
}

async function sessions(ada, ben, target) {
  await ada.page.reload();
  const rows = ada.at("session");
  await rows.nth(1).waitFor();
  equal(await rows.count(), 2, "sessions");
  await rows.first().getByTestId("session-current").waitFor();
  await rows.first().getByText(/^Chrome \d+ on Linux$/).waitFor();
  equal(await rows.first().getByTestId("session-end").count(), 0, "buttons for the own session");
  await rows.nth(1).getByTestId("session-end").click();
  await rows.nth(1).waitFor({ state: "detached" });
  await ben.page.goto(new URL("/", target.url).href);
  await ben.at("sign-in-again").waitFor();
  await signInAgain(ben, target.password);
}

async function signInAgain(person, password) {
  await person.at("password").fill(password);
  await person.at("submit").click();
  await person.at("sign-in-again").waitFor({ state: "detached" });
}

async function password(ada, ben, target) {
  await ada.at("password-submit").click();
  await note(ada, "old-password").getByText("Enter your present password.").waitFor();
  await note(ada, "new-password").getByText("Enter a password.").waitFor();
  await ada.at("old-password").fill("not the password");
  await ada.at("new-password").fill(NEW);
  await ada.at("password-submit").click();
  await note(ada, "old-password").getByText("not the password of your account").waitFor();
  await ada.at("old-password").fill(target.password);
  await ada.at("new-password").fill(target.password);
  await ada.at("password-submit").click();
  await note(ada, "new-password").getByText("must differ").waitFor();
  equal(await ada.at("password-form-error").textContent(), "", "the message below the form");
  await ada.at("new-password").fill(NEW);
  await ada.at("password-submit").click();
  await ada.at("password-changed").getByText("changed").waitFor();
  equal(await ada.at("old-password").inputValue(), "", "the old password");
  // The other browser's session has ended, this one has not.
  await ben.page.goto(new URL("/", target.url).href);
  await ben.at("sign-in-again").waitFor();
  await signInAgain(ben, NEW);
  await ada.page.reload();
  await ada.at("session").nth(1).waitFor();
}

async function everywhere(ada, ben, target) {
  await ada.at("sign-out-everywhere").click();
  await ada.at("confirm-yes").click();
  await ada.at("submit").waitFor();
  await ben.page.goto(new URL("/", target.url).href);
  await ben.at("sign-in-again").waitFor();
  // The address leads back to the page after signing in.
  equal(new URL(ada.page.url()).pathname, "/account", "the address");
  await ada.at("email").fill(target.email);
  await ada.at("password").fill(NEW);
  await ada.at("submit").click();
  await ada.at("account-page").waitFor();
  await ada.at("account").click();
  await ada.at("sign-out").click();
  await ada.at("submit").waitFor();
}

/** What the server refuses at a sign-up is at its field. */
async function signUpProblems(ada, target) {
  await ada.page.goto(new URL("/sign-up", target.url).href);
  await ada.at("email").fill(target.email);
  await ada.at("password").fill(NEW);
  await ada.at("submit").click();
  await note(ada, "email").getByText("There is an account with this e-mail address").waitFor();
  await ada.at("email").fill(`other-${target.email}`);
  await ada.at("name").fill("y".repeat(101));
  await ada.at("submit").click();
  await note(ada, "name").getByText("1 to 100 characters").waitFor();
  await ada.at("name").fill("");
  await ada.at("password").fill("z".repeat(257));
  await ada.at("submit").click();
  await note(ada, "password").getByText("256 characters").waitFor();
  equal(await ada.at("form-error").textContent(), "", "the message below the form");
}
