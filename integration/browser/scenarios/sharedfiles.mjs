// A file that is shared: a second account sees it with its role, makes a file of it, and leaves it. Then its original is deleted, and
// its rows stay. axe finds nothing serious on the way.
//
// GRIDLOOM_SHOTS=DIR stores a screenshot of each.
import { accessible } from "../axe.mjs";
import { equal, withBrowsers } from "../browser.mjs";

const SIZES = { desk: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };
const NAME = "stock.csv";

export function sharedfiles(target) {
  const { scheme = "light", size = "desk" } = target;
  return withBrowsers(2, async (ada, ben) => {
    for (const person of [ada, ben]) {
      await person.page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
      await person.page.setViewportSize(SIZES[size]);
    }
    const look = (person, name) => accessible(person.page, `sharedfiles-${name}-${scheme}-${size}`);
    const email = `ben-${target.email}`;
    await ada.signUp(target);
    await ben.signUp({ ...target, email });
    const file = await read(ada, target);
    await given(ada, email, size, look);
    await seen(ben, target, look);
    await original(ada, target, look);
    await stays(ben, file);
    await left(ben, target, look);
    await ben.page.goto(file);
    await ben.at("file-missing").waitFor();
    for (const person of [ada, ben]) person.check();
    return {};
  });
}

/** Uploads a file, and reads it as it looks. */
async function read(ada, target) {
  await ada.page.goto(new URL("/files", target.url).href);
  const buffer = Buffer.from("gtin,count\n1,3\n2,5\n");
  await ada.at("upload-files").setInputFiles({ name: NAME, mimeType: "text/csv", buffer });
  const done = ada.find(`[data-testid="transfer"][data-name="${NAME}"][data-state="done"]`);
  await done.getByTestId("file-open").click();
  await ada.at("file-read-start").click();
  await ada.at("table-grid").waitFor();
  return ada.page.url();
}

function row(person) {
  return person.find(`[data-testid="file-row"][data-name="${NAME}"]`);
}

/** On a phone, the actions on a file are in a menu. */
async function opens(person, action, size) {
  if (size === "phone" || action === "delete-original") await person.at("more").click();
  await person.at(action).click();
}

/** The owner gives a role on the page of the file. */
async function given(ada, email, size, look) {
  await opens(ada, "share-open", size);
  await ada.at("share-email").fill("no address");
  await ada.at("share-submit").click();
  await ada.page.getByText("Enter an e-mail address.").waitFor();
  await ada.at("share-email").fill(email);
  await ada.at("share-submit").click();
  await ada.shareRow(email).waitFor();
  await ada.page.getByText("is viewer now.").waitFor();
  await look(ada, "dialog");
  await ada.press("Escape");
  await ada.at("share").waitFor({ state: "detached" });
}

/** The other person finds it among the files of others, and may not rename it. */
async function seen(ben, target, look) {
  await ben.page.goto(new URL("/files?own", target.url).href);
  await ben.at("empty").waitFor();
  await ben.at("scope-shared").click();
  await row(ben).getByText("Ada Lovelace · Viewer").waitFor();
  await look(ben, "list");
  await row(ben).getByTestId("more").click();
  await ben.at("leave-item").waitFor();
  equal(await ben.at("rename").count(), 0, "items that rename");
  equal(await ben.at("remove").count(), 0, "items that remove");
  await ben.press("Escape");
  await row(ben).getByTestId("file-link").click();
  await ben.at("table-grid").waitFor();
  await ben.at("table-cell-1-1").getByText("5", { exact: true }).waitFor();
  equal(await ben.at("read-again").count(), 0, "buttons that read it again");
}

/** The question names what stays, and the list shows what came of it. */
async function original(ada, target, look) {
  await ada.page.goto(new URL("/files", target.url).href);
  await row(ada).getByText("Shared with 1 person").waitFor();
  await row(ada).getByTestId("more").click();
  await ada.at("delete-original").click();
  await ada.at("confirm").getByText("The tables that were read of it stay").waitFor();
  await look(ada, "original");
  await ada.at("confirm-yes").click();
  await row(ada).getByText("Original deleted on").waitFor();
  equal(
    await row(ada).getByTestId("download").getAttribute("aria-disabled"),
    "true",
    "no download",
  );
  await look(ada, "deleted");
  await row(ada).getByTestId("file-link").click();
  await ada.at("table-grid").waitFor();
  await ada.at("table-cell-1-0").getByText("3", { exact: true }).waitFor();
  equal(await ada.at("read-again").count(), 0, "buttons that read it again");
}

/** Its rows are those of before for the other person, too, who makes a file of them. */
async function stays(ben, file) {
  await ben.page.goto(file);
  await ben.at("table-cell-1-1").getByText("5", { exact: true }).waitFor();
  await ben.at("save-open-dialog").click();
  await ben.at("save-begin").click();
  await ben.at("transfer-done").waitFor();
  await ben.press("Escape");
}

async function left(ben, target, look) {
  await ben.page.goto(new URL("/files?shared", target.url).href);
  await row(ben).getByTestId("more").click();
  await ben.at("leave-item").click();
  await ben.at("confirm-yes").click();
  await ben.at("none-shared").waitFor();
  await look(ben, "left");
}
