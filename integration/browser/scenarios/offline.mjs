// Edits made without a network stay pending, with a status, and are sent when the network is back. The edits of
// others arrive then, too.
import { equal, withBrowsers } from "../browser.mjs";

export function offline(target) {
  return withBrowsers(2, async (ada, ben) => {
    await ada.signUp(target);
    await ada.createSheet("Field notes");
    await ben.signIn(target);
    await ben.page.goto(ada.page.url());
    await ben.ready();
    await ada.type(0, 0, "before");
    await ben.sees(0, 0, "before");

    await ada.context.setOffline(true);
    await ada.status("offline");
    await ada.type(1, 0, "written offline");
    await ada.status("offline", 1);
    await ben.choose(0, 0, "insert-above");
    await ben.status("saved", 0);
    equal(await ben.cell(2, 0), "", "the offline edit on the other screen");

    await ada.context.setOffline(false);
    await ada.status("saved", 0);
    // Ben's row is above both.
    await ada.sees(2, 0, "written offline");
    await ben.sees(2, 0, "written offline");
    await ben.sees(1, 0, "before");
    ada.check();
    ben.check();
    return {};
  });
}
