// When the token becomes invalid, a dialog over the page asks to sign in again. The open editor, the unsaved edits
// and the page stay. A dialog that can't be loaded can be loaded again, by keyboard.
import { accessible } from "../axe.mjs";
import { equal, withBrowsers } from "../browser.mjs";

export function expired(target) {
  return withBrowsers(1, async (ada) => {
    await ada.signUp(target);
    await ada.createSheet("Long day");
    await ada.type(0, 0, "morning");
    await ada.status("saved", 0);
    await ada.typeAndStay(1, 0, "half a sentence");
    await endToken(ada, target);

    const dialog = ada.at("sign-in-again");
    await dialog.waitFor();
    equal(await dialog.locator("[data-testid=email]").inputValue(), target.email, "the address");
    await ada.at("password").fill("not the password");
    await ada.at("submit").click();
    await ada.at("form-error").getByText("wrong").waitFor();
    // After the dialog is closed, a click on the pill opens it again.
    await ada.page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await ada.status("offline");
    await ada.at("status").getByText("Signed out").waitFor();
    await ada.at("status").click();
    await ada.at("password").fill(target.password);
    await ada.at("submit").click();
    await dialog.waitFor({ state: "detached" });
    await ada.finish();
    await ada.sees(0, 0, "morning");
    await ada.sees(1, 0, "half a sentence");
    await ada.status("saved", 0);

    // The same on the page of sheets. The text stands there before, since the dialog takes the focus at any moment.
    await ada.page.goto(new URL("/", target.url).href);
    await ada.at("sheet-row").waitFor();
    await ada.at("search").fill("long");
    await endToken(ada, target);
    await dialog.waitFor();
    await ada.at("password").fill(target.password);
    await ada.at("submit").click();
    await dialog.waitFor({ state: "detached" });
    equal(await ada.at("search").inputValue(), "long", "what was searched");
    await loadedAgain(ada, target);
    ada.check();
    return {};
  });
}

/** While a person types, the session ends and the server has no file of the dialog: the person tries again. */
async function loadedAgain(ada, target) {
  const part = "**/assets/SessionDialogs-*";
  const gone = { status: 404, contentType: "text/plain", body: "no such file" };
  const release = await ada.intercept(part, (route) => route.fulfill(gone));
  await ada.page.goto(new URL("/", target.url).href);
  await ada.at("sheet-row").getByRole("link").click();
  await ada.ready();
  await ada.typeAndStay(2, 0, "evening");
  await endToken(ada, target);
  const frame = ada.at("session-dialog");
  await frame.getByText("This part of the page couldn't be loaded.").waitFor();
  await accessible(ada.page, "sign-in-again-failed");
  await release();
  await ada.press("Tab");
  while (!(await focused(ada, "part-retry"))) await ada.press("Tab");
  await ada.press("Enter");
  const dialog = ada.at("sign-in-again");
  await dialog
    .getByText("Your session has ended. Nothing that you typed is lost: sign in to continue.")
    .waitFor();
  equal(await focused(ada, "password"), true, "whether the password has the focus");
  await accessible(ada.page, "sign-in-again");
  await ada.keys(target.password, "Enter");
  await dialog.waitFor({ state: "detached" });
  await ada.page.waitForFunction(
    () => document.activeElement?.getAttribute("data-testid") === "cell-entry",
  );
  await ada.finish();
  await ada.sees(2, 0, "evening");
  await ada.status("saved", 0);
}

function focused(person, id) {
  return person.page.evaluate(
    (id) => document.activeElement?.getAttribute("data-testid") === id,
    id,
  );
}

/** Signs out the page's token without the page. */
export async function endToken(person, { url }) {
  const token = await person.page.evaluate(
    () => JSON.parse(localStorage.getItem("gridloom.session")).token,
  );
  const answer = await fetch(new URL("/gridloom.v1.AccountService/SignOut", url), {
    method: "POST",
    headers: { "content-type": "application/grpc-web+proto", authorization: `Bearer ${token}` },
    // An empty message: a flag and four bytes of length.
    body: new Uint8Array(5),
  });
  equal(answer.status, 200, "signing out");
}
