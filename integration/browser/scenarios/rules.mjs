// The rule for new accounts, and mail that is missing, are shown before a person fills in a form. An invitation that does
// not fit is refused with its reason.
//
// `target.rule` is that of the server: open, invited or closed; the operator is "the desk at 42".
import { accessible } from "../axe.mjs";
import { equal, withBrowsers } from "../browser.mjs";

export function rules(target) {
  return withBrowsers(1, async (ada) => {
    if (target.rule === "open") await open(ada, target);
    else await byInvitation(ada, target);
    await forgotten(ada, target);
    ada.check();
    return {};
  });
}

async function go(person, target, path) {
  // Another page first, so that the browser loads this one again when only the part after the # differs.
  await person.page.goto(new URL("/forgot-password", target.url).href);
  await person.page.goto(new URL(path, target.url).href);
}

async function byInvitation(ada, target) {
  await go(ada, target, "/");
  await ada.page.getByText("This server takes new accounts by invitation.").waitFor();
  await accessible(ada.page, `sign-in-${target.rule}`);
  await ada.at("switch-mode").click();
  const words = target.rule === "closed" ? "the desk at 42" : "share a sheet with your e-mail";
  await ada.at("invited-only").getByText(words).waitFor();
  equal(await ada.at("submit").count(), 0, "forms to fill in in vain");
  await accessible(ada.page, `sign-up-${target.rule}`);
  await go(ada, target, "/sign-up");
  await ada.at("invited-only").waitFor();
  await ada.at("switch-mode").click();
  await ada.at("submit").waitFor();
  // With an invitation there is the form, and no way without it.
  await go(ada, target, "/sign-up#gli_nonsense");
  await fill(ada, target);
  await ada.at("form-error").getByText("The invitation is no invitation of this server").waitFor();
  equal(await ada.at("without-invitation").count(), 0, "ways without the invitation");
}

async function fill(person, { email, password }) {
  await person.at("email").fill(email);
  await person.at("password").fill(password);
  await person.at("submit").click();
}

/** `target.invitation` is for the address `target.invited`. */
async function open(ada, target) {
  const { pathname, hash } = new URL(target.invitation);
  await go(ada, target, `${pathname}${hash}`);
  await ada.page.getByText("You are invited").waitFor();
  await fill(ada, target);
  await ada.at("form-error").getByText("The invitation is for another address").waitFor();
  await accessible(ada.page, "sign-up-foreign");
  await ada.at("without-invitation").click();
  await ada.at("form-error").getByText("invitation").waitFor({ state: "detached" });
  equal(await ada.at("email").inputValue(), target.email, "the typed address");
  equal(await ada.at("password").inputValue(), target.password, "the typed password");
  await ada.at("submit").click();
  await ada.at("account").waitFor();
  await ada.at("account").click();
  await ada.at("sign-out").click();
  await ada.at("submit").waitFor();
  await go(ada, target, `${pathname}${hash}`);
  await fill(ada, { ...target, email: target.invited });
  await ada.at("account").waitFor();
  await ada.at("account").click();
  await ada.at("sign-out").click();
  await ada.at("submit").waitFor();
  await go(ada, target, `${pathname}${hash}`);
  await fill(ada, { ...target, email: `late-${target.email}` });
  await ada.at("form-error").getByText("was used, or has ended").waitFor();
}

async function forgotten(ada, target) {
  await ada.page.goto(new URL("/forgot-password", target.url).href);
  await ada.page.getByText("sends no mail: request the link here").waitFor();
  await ada.page.getByText("the desk at 42").waitFor();
  await accessible(ada.page, "forgot-password-no-mail");
}
