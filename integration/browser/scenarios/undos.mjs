// Undo takes back what was done in the same tab: a paste of several edits that adds rows, as one step. Another program of
// the same account, a new tab and a duplicated tab have steps of their own, and a reload keeps those of a tab. A change
// that can't be undone bars nothing. The server takes 1,000 cells in an edit.
import { equal, Person, withBrowsers } from "../browser.mjs";

const PASTED_ROWS = 600;

export function undos(target) {
  return withBrowsers(2, async (ada, program) => {
    await ada.context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await ada.signUp(target);
    await ada.createSheet("Places");
    const url = ada.page.url();
    await program.signIn(target);
    await program.page.goto(url);
    await program.ready();

    await ada.type(0, 0, "before");
    await pasteBeyond(ada);
    await program.seesRows(99 + PASTED_ROWS);
    await program.type(5, 0, "by a program");
    await ada.press("Control+Home");
    await ada.sees(5, 0, "by a program");
    await undoes(ada, 100);
    await ada.press("Control+Shift+z");
    await ada.seesRows(99 + PASTED_ROWS);
    await ada.press("Control+End");
    await ada.sees(98 + PASTED_ROWS, 4, `a${PASTED_ROWS}`);
    await ada.press("Control+Home");

    const fresh = new Person(ada.context, await ada.context.newPage());
    await fresh.page.goto(url);
    const [copied] = await Promise.all([
      ada.context.waitForEvent("page"),
      ada.page.evaluate((url) => void window.open(url), url),
    ]);
    const copy = new Person(ada.context, copied);
    for (const tab of [fresh, copy]) {
      await tab.ready();
      await tab.page.bringToFront();
      await tab.click(0, 1);
      await tab.press("Control+z");
      await tab.at("toast-info").filter({ hasText: "Nothing to undo in this tab" }).waitFor();
      await tab.seesRows(99 + PASTED_ROWS);
    }
    await copy.type(7, 0, "by the copy");
    await ada.page.bringToFront();
    await ada.sees(7, 0, "by the copy");

    await ada.page.reload();
    await ada.ready();
    await ada.click(0, 1);
    await undoes(ada, 100);
    await ada.press("Control+z");
    await ada.sees(0, 0, "");
    equal(await ada.cell(7, 0), "by the copy", "a cell of another tab");
    equal(await ada.cell(5, 0), "by a program", "a cell of a program");

    await ada.type(0, 0, "first");
    await ada.type(1, 0, "second");
    await program.sees(1, 0, "second");
    await program.choose(1, 0, "delete-rows");
    await ada.seesRows(99);
    await ada.press("Control+z");
    await ada.sees(0, 0, "");
    await ada.at("toast-info").filter({ hasText: "A later change can't be undone" }).waitFor();
    await ada.press("Control+z");
    await ada.at("toast-info").filter({ hasText: "is deleted" }).first().waitFor();
    for (const person of [ada, program, fresh, copy]) person.check();
    return {};
  });
}

async function undoes(ada, rows) {
  await ada.press("Control+z");
  await ada.seesRows(rows);
  await ada.saved();
}

async function pasteBeyond(ada) {
  const lines = Array.from({ length: PASTED_ROWS }, (_, row) => `a${row + 1}\tb${row + 1}`);
  await ada.page.evaluate((text) => navigator.clipboard.writeText(text), lines.join("\n"));
  await ada.press("Control+End");
  await ada.press("Control+v");
  await ada.seesRows(99 + PASTED_ROWS);
  await ada.status("saved", 0);
}
