// A row or column is deleted while a person works on it: no text is written into the line that is then in its
// place. A notice names the person who deleted it, and offers the text.
import { withBrowsers } from "../browser.mjs";

export function deleted(target) {
  return withBrowsers(2, async (ada, ben) => {
    await ada.signUp(target);
    await ada.createSheet("Shared rows");
    await ben.signIn(target);
    await ben.page.goto(ada.page.url());
    await ben.ready();
    await ada.click(0, 0);
    for (let row = 1; row <= 6; row++) await ada.keys(`r${row}`, "Enter");
    await ben.sees(5, 0, "r6");

    // The row of an open editor is deleted.
    await ben.click(3, 0);
    await ben.press("F2");
    await ben.editor().waitFor();
    await ben.keys(" MORE");
    await ada.choose(3, 0, "delete-rows");
    const notice = "This row was deleted by you, in another window. Your text: “r4 MORE”";
    await ben.at("toast-info").filter({ hasText: notice }).waitFor();
    // The person continues typing: no character reaches the row that is now in this place.
    await ben.keys(" yet", "Enter");
    await dismiss(ben, "Your text: “r4 MORE yet”");
    await dismiss(ben, notice);
    await ben.editor("ready").waitFor({ state: "attached" });
    await ben.sees(3, 0, "r5");

    // The row of a typed text is deleted, and Enter follows immediately.
    await ben.click(1, 0);
    await ben.keys("NEW");
    await ben.editor("typing").waitFor();
    await ada.choose(1, 0, "delete-rows");
    await ben.seesRows(98);
    await ben.press("Enter");
    await dismiss(ben, "Your text: “NEW”");
    for (const [row, text] of ["r1", "r3", "r5"].entries()) await ben.sees(row, 0, text);

    await shifted(ada, ben);
    await menus(ada, ben);
    await columns(ada, ben);
    await moves(ada, ben);
    for (const person of [ada, ben]) person.check();
    return {};
  });
}

/** Waits for a notice, and dismisses it. */
async function dismiss(person, text) {
  const notice = person.at("toast-info").filter({ hasText: text });
  await notice.waitFor();
  await notice.getByLabel("Dismiss").click();
}

/** A row is inserted above an open editor: the text is written to its own row. */
async function shifted(ada, ben) {
  await ada.at("insert-rows").click();
  await ada.press("Control+z");
  await ben.click(0, 0);
  await ben.keys("far");
  await ben.editor("typing").waitFor();
  await ada.choose(0, 0, "insert-above");
  await ada.sees(1, 0, "r1");
  await ben.sees(1, 0, "r1");
  await ben.press("Enter");
  await ada.sees(1, 0, "far");
}

async function menus(ada, ben) {
  await ben.click(2, 0, { button: "right" });
  await ben.at("menu").waitFor();
  await ada.choose(2, 0, "delete-rows");
  await ben.at("menu").waitFor({ state: "detached" });
  await dismiss(ben, "This row was deleted");
}

async function columns(ada, ben) {
  await ben.click(0, 1);
  await ben.press("Shift+F2");
  await ben.at("header-edit").waitFor();
  await ben.at("header-edit").fill("Price");
  await ada.click(0, 1);
  await ada.press("Control+ ", "Control+Alt+-");
  await ben.at("header-edit").waitFor({ state: "detached" });
  await dismiss(ben, "This column was deleted by you, in another window. Your text: “Price”");
}

/** The text follows a row that is moved. */
async function moves(ada, ben) {
  await ben.click(0, 0);
  await ben.press("ArrowDown");
  await ben.keys("goes along");
  await ben.editor("typing").waitFor();
  await ada.choose(1, 0, "rows-down");
  await ada.sees(2, 0, "far");
  await ben.sees(2, 0, "far");
  await ben.press("Enter");
  await ada.sees(2, 0, "goes along");
}
