// Two people type into one cell at the same time: the cell has both texts, and an undo removes only its author's
// text. A value that one person sets overrides an edit of the text by another. That person has a notice, and can
// restore the text.
import { withBrowsers } from "../browser.mjs";

export function texts(target) {
  return withBrowsers(2, async (ada, ben) => {
    await ada.signUp(target);
    await ada.createSheet("Sentences");
    await ben.signIn(target);
    await ben.page.goto(ada.page.url());
    await ben.ready();
    await ada.type(0, 0, "the quick fox");
    await ben.sees(0, 0, "the quick fox");

    await whileOffline(ada, async () => {
      await ada.type(0, 0, "the quick brown fox");
      await ben.type(0, 0, "the quick fox jumps");
      await ben.status("saved", 0);
    });
    await ada.sees(0, 0, "the quick brown fox jumps");
    await ben.sees(0, 0, "the quick brown fox jumps");

    // A change that arrives while the editor is open stays.
    await ada.click(0, 0);
    await ada.page.keyboard.press("F2");
    await ada.editor().waitFor();
    const editor = ada.at("cell-entry");
    await ben.type(0, 0, "the quick brown fox jumps high");
    await ben.status("saved", 0);
    await ada.sees(0, 0, "the quick brown fox jumps high");
    await editor.fill("the very quick brown fox jumps");
    await editor.press("Enter");
    await ben.sees(0, 0, "the very quick brown fox jumps high");

    // All four edits are by one account: the undo applies to the last accepted edit.
    await ada.status("saved", 0);
    await ada.page.keyboard.press("Control+z");
    await ben.sees(0, 0, "the quick brown fox jumps high");

    await whileOffline(ada, async () => {
      await ada.type(0, 0, "the quick brown fox jumps higher");
      await ben.type(0, 0, "7");
      await ben.status("saved", 0);
    });
    await ada.sees(0, 0, "7");
    const text = "someone wrote “7” over your “the quick brown fox jumps higher”";
    const notice = ada.at("toast-info").filter({ hasText: text });
    await notice.getByTestId("toast-action").click();
    await ben.sees(0, 0, "the quick brown fox jumps higher");
    ada.check();
    ben.check();
    return {};
  });
}

/** Runs `what` while a person has no network, and waits until the edits are saved with the network back. */
async function whileOffline(person, what) {
  await person.context.setOffline(true);
  await person.status("offline");
  await what();
  await person.status("offline", 1);
  await person.context.setOffline(false);
  await person.status("saved", 0);
}
