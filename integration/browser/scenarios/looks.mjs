// All pages, dialogs and menus, in one colour scheme and on one size of the screen: axe finds nothing serious.
//
// GRIDLOOM_SHOTS=DIR stores a screenshot of each.
import { accessible } from "../axe.mjs";
import { equal, withBrowsers } from "../browser.mjs";
import { keepsDrafts } from "../drafts.mjs";

const SIZES = { desk: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };

export function looks(target) {
  const { scheme = "light", size = "desk" } = target;
  return withBrowsers(1, async (ada) => {
    // Without animations, so that each state is looked at when it is complete.
    await ada.page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    await ada.page.setViewportSize(SIZES[size]);
    const look = (name) => accessible(ada.page, `${name}-${scheme}-${size}`);
    await signing(ada, target, look);
    await list(ada, target, look);
    await account(ada, target, look);
    await sheet(ada, look);
    await ends(ada, target, look);
    ada.check();
    return {};
  });
}

async function signing(ada, target, look) {
  await ada.page.goto(new URL("/", target.url).href);
  await ada.at("submit").waitFor();
  await look("sign-in");
  await ada.at("submit").click();
  await ada.page.getByText("Enter an e-mail address.").waitFor();
  await look("sign-in-errors");
  await ada.page.goto(new URL("/sign-up", target.url).href);
  await ada.at("name").waitFor();
  await look("sign-up");
  await ada.page.goto(new URL("/reset-password#glr_nonsense", target.url).href);
  await ada.at("password").fill("another horse battery");
  await ada.at("submit").click();
  await ada.at("form-error").getByText("This link").waitFor();
  await look("reset-password");
  await ada.at("forgot").click();
  await ada.at("email").fill(`unknown-${target.email}`);
  await look("forgot-password");
  await ada.at("submit").click();
  await ada.at("link-requested").waitFor();
  await look("link-requested");
  await ada.page.goto(new URL("/link/nonsense", target.url).href);
  await ada.at("as-guest").waitFor();
  await look("link");
  await ada.at("as-guest").click();
  await ada.at("submit").click();
  await ada.page.getByText("This link has ended").waitFor();
  await look("guest");
  await ada.signUp(target);
  await ada.at("empty").waitFor();
  await look("list-empty");
}

async function closed(ada, id) {
  await ada.press("Escape");
  await ada.at(id).waitFor({ state: "detached" });
}

async function list(ada, target, look) {
  const file = { name: "parts.csv", mimeType: "text/csv" };
  await ada
    .at("import-file")
    .setInputFiles({ ...file, buffer: Buffer.from("Item,Count\nbolt,4\n") });
  await ada.at("import-preview").waitFor();
  await look("import");
  await ada.at("import-start").click();
  await ada.ready();
  await ada.page.goto(new URL("/", target.url).href);
  await ada.at("sheet-row").waitFor();
  await look("list");
  await ada.at("more").click();
  await ada.at("menu").waitFor();
  await look("list-menu");
  await closed(ada, "menu");
  await ada.at("account").click();
  await ada.at("sign-out").waitFor();
  await look("account-menu");
  await closed(ada, "menu");
  await ada.at("search").fill("nothing");
  await ada.page.getByText("No sheets match").waitFor();
  await look("list-none");
  await ada.at("new-sheet").click();
  await ada.at("prompt-submit").click();
  await ada.page.getByText("Give the sheet a name.").waitFor();
  await look("new-sheet");
  await closed(ada, "prompt");
}

/** The page of the account, with errors at the fields. */
async function account(ada, target, look) {
  await ada.page.goto(new URL("/account", target.url).href);
  await ada.at("session").waitFor();
  await look("account");
  await ada.at("sign-out-everywhere").scrollIntoViewIfNeeded();
  await look("account-sessions");
  await ada.at("account-display-name").fill("");
  await ada.at("name-submit").click();
  await ada.at("password-submit").click();
  await ada.page.getByText("Enter your present password.").waitFor();
  await look("account-errors");
  await ada.at("sign-out-everywhere").click();
  await ada.at("confirm").waitFor();
  await look("account-everywhere");
  await closed(ada, "confirm");
  await ada.at("delete-account").click();
  await ada.at("delete-form").waitFor();
  await ada.at("fate-give").check();
  await ada.at("delete-submit").click();
  await ada.page.getByText("Enter your password.").waitFor();
  await look("account-delete");
  await closed(ada, "delete-dialog");
  await ada.page.goto(new URL("/", target.url).href);
}

/** The comments in the side panel, one that is open alone, and the card at its cell. */
async function comments(ada, look) {
  await ada.at("tab-comments").click();
  await ada.at("comments-none").waitFor();
  await look("comments-none");
  await ada.at("comment-begin").click();
  await ada.at("composer").fill("Is this one or two? See https://example.org/plan");
  await look("comment-new");
  await ada.press("Enter");
  await ada.at("comment").waitFor();
  await look("comments");
  await ada.at("comment-open").click();
  await ada.at("comment-one").getByText("Is this one or two?").waitFor();
  await look("comment");
  await ada.at("panel-close").click();
  await ada.click(0, 0);
  await ada.at("comment-card").getByText("Is this one or two?").waitFor();
  await look("comment-card");
  await ada.press("Escape");
  await ada.at("comment-card").waitFor({ state: "detached" });
}

async function sheet(ada, look) {
  await ada.createSheet("Looks");
  await ada.type(0, 0, "one");
  await ada.status("saved", 0);
  await look("sheet");
  const last = await ada.at("account").boundingBox();
  const end = last.x + last.width;
  equal(end <= ada.page.viewportSize().width, true, "whether the whole bar is on the screen");
  await ada.click(0, 0, { button: "right" });
  await ada.at("menu").waitFor();
  await look("sheet-menu");
  await closed(ada, "menu");
  const grid = await ada.at("grid").boundingBox();
  const { x } = await ada.point(0, 0);
  await ada.page.mouse.click(x, grid.y + 10, { button: "right" });
  await ada.at("kind").click();
  await ada.at("submenu").waitFor();
  await look("column-menu");
  await ada.press("Escape");
  await closed(ada, "menu");
  for (const [key, id] of [
    ["Control+/", "shortcuts"],
    ["Control+g", "prompt"],
  ]) {
    await ada.press(key);
    await ada.at(id).waitFor();
    await look(id === "prompt" ? "go-to-row" : id);
    await closed(ada, id);
  }
  // On a phone one button opens the side panel, and a tab the history.
  if ((await ada.at("history-open").count()) > 0) await ada.at("history-open").click();
  else {
    await ada.at("panel-open").click();
    await ada.at("tab-history").click();
  }
  await ada.at("change").first().waitFor();
  await look("history");
  await ada.at("change").first().click();
  await ada.at("version").waitFor();
  await look("revision");
  await closed(ada, "revision");
  await comments(ada, look);
  await sharing(ada, look);
  await ada.context.setOffline(true);
  await ada.status("offline");
  await ada.type(1, 0, "two");
  await ada.status("offline", 1);
  await look("sheet-offline");
  await ada.at("account").click();
  await ada.at("sign-out").click();
  await ada.at("unsent").waitFor();
  await look("sign-out-unsent");
  await closed(ada, "unsent");
  await ada.context.setOffline(false);
  await ada.status("saved", 0);
  await keepsDrafts(ada.page, 0);
}

/** The dialog to share a sheet, with a person, a link, errors and a list of roles. */
async function sharing(ada, look) {
  await ada.at("share-open").click();
  await ada.at("share-email").fill("a.person.with.a.long.address@mail.example.org");
  await ada.at("share-submit").click();
  await ada.page.getByText("has not opened it yet").waitFor();
  await ada.at("link-make").click();
  await ada.at("link-row").waitFor();
  await ada.at("share-email").fill("no address");
  await ada.at("share-submit").click();
  await ada.page.getByText("Enter an e-mail address.").waitFor();
  await look("share");
  await ada.at("role").last().click();
  await ada.page.getByRole("option").first().waitFor();
  await look("share-roles");
  await ada.press("Escape");
  await ada.page.getByRole("option").first().waitFor({ state: "detached" });
  await closed(ada, "share");
}

/** Pages in the place of a sheet that can't be opened, and the dialog to sign in again. */
async function ends(ada, target, look) {
  const url = ada.page.url();
  for (const [path, id] of [
    ["/sheets/nonsense", "bad-link"],
    ["/sheets/01234567-89ab-7def-8123-456789abcdef", "sheet-not-found"],
    ["/no/such/page", "page-not-found"],
    ["/link/nonsense", "link-ended"],
  ]) {
    await ada.page.goto(new URL(path, target.url).href);
    await ada.at(id).waitFor();
    await look(id);
  }
  await ada.page.goto(new URL("/", target.url).href);
  await ada.at("sheet-row").filter({ hasText: "Looks" }).getByTestId("more").click();
  await ada.at("delete").click();
  await ada.at("toast-info").waitFor();
  await look("deleted");
  await ada.page.goto(url);
  await ada.at("sheet-deleted").waitFor();
  await look("sheet-deleted");
  await ada.page.evaluate(() => {
    const kept = JSON.parse(localStorage.getItem("gridloom.session"));
    localStorage.setItem("gridloom.session", JSON.stringify({ ...kept, token: "ended" }));
  });
  await ada.page.goto(new URL("/", target.url).href);
  await ada.at("sign-in-again").waitFor();
  await look("sign-in-again");
}
