// Two people type into one cell at the same time: both texts are there, and an undo takes back only
// what its author typed. A value that somebody sets goes before an edit of the text; its author is
// told, and can have the text back.
import { withBrowsers } from "./browser.mjs";

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

    // With the editor open: what arrives meanwhile stays.
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

    // All four edits are one person's, signed in twice: the last one that was accepted goes first.
    await ada.status("saved", 0);
    await ada.page.keyboard.press("Control+z");
    await ben.sees(0, 0, "the quick brown fox jumps high");

    await whileOffline(ada, async () => {
      await ada.type(0, 0, "the quick brown fox jumps higher");
      await ben.type(0, 0, "7");
      await ben.status("saved", 0);
    });
    await ada.sees(0, 0, "7");
    const told = "someone wrote “7” over your “the quick brown fox jumps higher”";
    const notice = ada.at("toast-info").filter({ hasText: told });
    await notice.getByTestId("toast-action").click();
    await ben.sees(0, 0, "the quick brown fox jumps higher");
    ada.check();
    ben.check();
    return {};
  });
}

/** What happens while a person has no network, and is saved before it comes back. */
async function whileOffline(person, what) {
  await person.context.setOffline(true);
  await person.status("offline");
  await what();
  await person.status("offline", 1);
  await person.context.setOffline(false);
  await person.status("saved", 0);
}
