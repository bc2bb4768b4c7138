// Two people comment on cells, reply, resolve and reopen. The marks and the list follow the cells through inserts,
// a deletion and its undo. A comment that is begun on a row that is deleted meanwhile keeps its text.
//
// GRIDLOOM_SHOTS=DIR stores screenshots.
import { accessible } from "../axe.mjs";
import { equal, withBrowsers } from "../browser.mjs";

export function comments(target) {
  return withBrowsers(2, async (ada, ben) => {
    await ada.signUp(target);
    await ada.createSheet("Notes");
    const url = ada.page.url();
    const email = `ben-${target.email}`;
    await ada.shareWith(email);
    await ben.signUp({ ...target, email });
    await ben.page.goto(url);
    await ben.ready();
    await ada.type(2, 1, "price");
    await ada.status("saved", 0);

    await made(ada);
    await replied(ada, ben);
    await resolved(ada, ben);
    await moved(ada, ben);
    await deleted(ada, ben);
    await lost(ada, ben);
    await led(ada, url);
    await exported(ada);
    await removed(ada, ben);
    ada.check();
    ben.check();
    return {};
  });
}

/** Waits until the cell of the cursor is announced as marked, or as not marked. */
async function marked(person, place, isMarked = true) {
  const name = isMarked ? `${place}, has comments` : place;
  await person.page
    .locator(`[data-testid="cell-entry"][aria-label="${name}"]`)
    .waitFor({ state: "attached" });
}

/** The comments in the list, each by its cell. */
function onCell(person, place) {
  return person.at("comment").filter({ hasText: place });
}

async function made(ada) {
  await ada.click(2, 1);
  await ada.press("Control+Alt+m");
  await ada.at("comment-new").getByText("B · row 3").waitFor();
  await accessible(ada.page, "comment-new");
  await ada.at("composer").fill("why this price?");
  await ada.press("Enter");
  await ada.at("comment-new").waitFor({ state: "detached" });
  await onCell(ada, "B · row 3").getByText("why this price?").waitFor();
  equal(
    await ada.page.evaluate(() => document.activeElement?.getAttribute("data-testid")),
    "comment-begin",
    "the focus after a comment",
  );
  await marked(ada, "B, row 3");
}

/** The mark and its card are there for the other person, who replies. */
async function replied(ada, ben) {
  const list = "**/gridloom.v1.CommentService/ListComments";
  const release = await ben.intercept(list, (route) => route.abort("connectionreset"));
  await ben.click(2, 1);
  await marked(ben, "B, row 3");
  await ben.at("comment-card-problem").getByText("The server can't be reached.").waitFor();
  await accessible(ben.page, "comment-card-problem");
  await release();
  await ben.at("comment-card-problem").getByRole("button", { name: "Try again" }).click();
  await ben.at("comment-card").getByText("why this price?").waitFor();
  await accessible(ben.page, "comment-card");
  await ben.at("comment-card-open").click();
  await ben.at("comment-one").getByText("why this price?").waitFor();
  equal(new URL(ben.page.url()).searchParams.has("comment"), true, "the comment in the address");
  await ben.at("composer").fill("because of the bolts");
  await ben.press("Enter");
  await onCell(ada, "B · row 3").getByText("1 reply").waitFor();
  await onCell(ada, "B · row 3").getByTestId("comment-open").click();
  await ada.at("comment-one").getByText("because of the bolts").waitFor();
  await accessible(ada.page, "comment-one");
}

async function resolved(ada, ben) {
  await ada.at("comment-resolve").click();
  await ada.at("comment-reopen").waitFor();
  await marked(ben, "B, row 3", false);
  await ben.at("comments-back").click();
  await ben.at("comments-none").waitFor();
  await ben.at("comments-resolved").check();
  await onCell(ben, "B · row 3").getByText("Resolved by Ada Lovelace").waitFor();
  await accessible(ben.page, "comments-resolved");
  await ben.at("comments-resolved").uncheck();
  await ada.at("comment-reopen").click();
  await ada.at("comment-resolve").waitFor();
  await ada.at("comments-back").click();
  await onCell(ben, "B · row 3").waitFor();
  await marked(ben, "B, row 3");
}

/** Rows above: the mark and the list follow the cell. */
async function moved(ada, ben) {
  await ada.choose(0, 0, "insert-above");
  await ben.seesRows(101);
  await marked(ben, "B, row 4");
  await onCell(ben, "B · row 4").waitFor();
  await ben.click(2, 1);
  await marked(ben, "B, row 3", false);
  await onCell(ben, "B · row 4").getByTestId("comment-open").click();
  await ben.standsAt("B, row 4");
  await ben.at("comments-back").click();
}

/** The row is deleted and comes back, and the comment with it. */
async function deleted(ada, ben) {
  await ada.choose(3, 0, "delete-rows");
  await ben.seesRows(100);
  await ben.at("comments-gone").getByText("Deleted row", { exact: true }).waitFor();
  await accessible(ben.page, "comments-gone");
  await ben.click(3, 1);
  await marked(ben, "B, row 4", false);
  await ada.click(0, 0);
  await ada.page.keyboard.press("Control+z");
  await ben.seesRows(101);
  await onCell(ben, "B · row 4").waitFor();
  await ben.at("comments-gone").waitFor({ state: "detached" });
  // The cursor has moved with the row that it was on.
  await ben.standsAt("B, row 5");
  await ben.click(3, 1);
  await marked(ben, "B, row 4");
}

/** Another person deletes the row on which a comment is begun: the text stays, and goes to another cell. */
async function lost(ada, ben) {
  await ada.choose(6, 0, "add-comment");
  await ada.at("comment-new").getByText("A · row 7").waitFor();
  await ada.at("composer").fill("is this still true?");
  await ben.choose(0, 0, "insert-above");
  await ada.at("comment-new").getByText("A · row 8").waitFor();
  await ben.choose(7, 0, "delete-rows");
  await ada.at("comment-new").getByText("This row was deleted by").waitFor();
  await accessible(ada.page, "comment-lost");
  equal(await ada.at("composer").inputValue(), "is this still true?", "the text");
  await ada.click(8, 0);
  await ada.at("comment-choose").click();
  await ada.at("comment-new").getByText("A · row 9").waitFor();
  await ada.at("composer").press("Enter");
  await onCell(ben, "A · row 9").getByText("is this still true?").waitFor();
  await ada.at("comment-new").waitFor({ state: "detached" });
}

/** The address of a comment leads to its cell, and the way back closes the panel. */
async function led(ada, url) {
  const thread = await onCell(ada, "B · row 5").getAttribute("data-thread");
  await ada.page.goto(`${url}?comment=${thread}`);
  await ada.ready();
  await ada.at("comment-one").getByText("why this price?").waitFor();
  await ada.standsAt("B, row 5");
  await ada.page.goto(url);
  await ada.ready();
  await ada.at("comments-open").click();
  await onCell(ada, "B · row 5").waitFor();
  await ada.at("tab-history").click();
  await ada.at("history").waitFor();
  equal(new URL(ada.page.url()).searchParams.get("panel"), "history", "the tab in the address");
  await ada.page.goBack();
  await ada.at("panel").waitFor({ state: "detached" });
  await ada.page.goForward();
  await ada.at("history").waitFor();
  await ada.at("panel-close").click();
  await ada.at("panel").waitFor({ state: "detached" });
  equal(ada.page.url(), url, "the address without the panel");
}

/** The comments as a file beside that of the cells. */
async function exported(ada) {
  await ada.at("export").click();
  const [download] = await Promise.all([
    ada.page.waitForEvent("download"),
    ada.at("export-comments").click(),
  ]);
  equal(download.suggestedFilename(), "Notes comments.csv", "the name of the file");
  const chunks = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk);
  const [head, ...records] = Buffer.concat(chunks).toString().trimEnd().split("\n");
  equal(head, "cell,row_id,column_id,state,number,author,sent,text", "the columns");
  equal(
    records.map((record) => record.split(",")).map((field) => [field[0], field[3], field[7]]),
    [
      ["B5", "open", "why this price?"],
      ["B5", "open", "because of the bolts"],
      ["A9", "open", "is this still true?"],
    ],
    "the comments",
  );
}

/** The author deletes a comment, while another person answers it: the answer is kept to be copied. */
async function removed(ada, ben) {
  await onCell(ben, "A · row 9").getByTestId("comment-open").click();
  await ben.at("comment-one").getByText("is this still true?").waitFor();
  equal(await ben.at("comment-delete").count(), 0, "buttons to delete another person's comment");
  await ben.at("composer").fill("I think so");
  await ada.at("comments-open").click();
  await onCell(ada, "A · row 9").getByTestId("comment-open").click();
  await ada.at("comment-delete").click();
  await accessible(ada.page, "comment-delete");
  await ada.at("confirm-yes").click();
  await onCell(ada, "B · row 5").waitFor();
  await onCell(ada, "A · row 9").waitFor({ state: "detached" });
  await ben.at("comment-one").getByText("This comment doesn't exist any more.").waitFor();
  const answer = ben.at("left-text").filter({ hasText: "I think so" });
  await answer.getByText("Not sent.").waitFor();
  await accessible(ben.page, "comment-deleted");
  await answer.getByTestId("left-discard").click();
  await ben.at("left-text").waitFor({ state: "detached" });
  await ben.click(8, 0);
  await marked(ben, "A, row 9", false);
}
