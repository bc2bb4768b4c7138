// Undo and redo by key, in two windows. A person whose value is overwritten has a notice with a button that
// restores the value.
import { withBrowsers } from "../browser.mjs";

export function undo(target) {
  return withBrowsers(2, async (ada, ben) => {
    await ada.signUp(target);
    await ada.createSheet("Second thoughts");
    await ben.signIn(target);
    await ben.page.goto(ada.page.url());
    await ben.ready();

    await ada.type(0, 0, "one");
    await ada.type(1, 0, "two");
    await ben.sees(1, 0, "two");
    await ada.page.keyboard.press("Control+z");
    await ada.sees(1, 0, "");
    await ben.sees(1, 0, "");
    await ada.page.keyboard.press("Control+Shift+z");
    await ben.sees(1, 0, "two");

    // A deleted row returns with its cells in both windows.
    await ada.choose(0, 0, "delete-rows");
    await ben.sees(0, 0, "two");
    await ada.page.keyboard.press("Control+z");
    await ada.sees(0, 0, "one");
    await ben.sees(0, 0, "one");
    await ben.sees(1, 0, "two");

    // After the last undo, a notice says that there is nothing to undo.
    for (let i = 0; i < 3; i++) await ada.page.keyboard.press("Control+z");
    await ada.sees(0, 0, "");
    await ada.at("toast-info").filter({ hasText: "Nothing to undo" }).waitFor();

    // An offline edit is ordered after Ben's, and Ben has a notice.
    await ada.context.setOffline(true);
    await ada.status("offline");
    await ada.type(2, 0, "Ada's");
    await ada.status("offline", 1);
    await ben.type(2, 0, "Ben's");
    await ben.status("saved", 0);
    await ada.context.setOffline(false);
    await ben.sees(2, 0, "Ada's");
    const notice = ben.at("toast-info").filter({ hasText: "A3: someone wrote “Ada's”" });
    await notice.getByTestId("toast-action").click();
    await ada.sees(2, 0, "Ben's");
    await ben.status("saved", 0);
    ada.check();
    ben.check();
    return {};
  });
}
