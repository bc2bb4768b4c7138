// Unsaved edits outlive their page: a tab that is closed without a network leaves them in the browser, and the
// next tab sends them. No tab takes the unsaved edits of a tab that is still open.
import { Person, withBrowsers } from "../browser.mjs";
import { keepsDrafts } from "../drafts.mjs";

export function reload(target) {
  return withBrowsers(2, async (ada, ben) => {
    await ada.signUp(target);
    await ada.createSheet("On the train");
    const url = ada.page.url();
    await ben.signIn(target);
    await ben.page.goto(url);
    await ben.ready();
    await ada.type(0, 0, "before");
    await ben.sees(0, 0, "before");
    await keepsDrafts(ada.page, 0);

    await ada.context.setOffline(true);
    await ada.status("offline");
    await ada.type(1, 0, "in the tunnel");
    await ada.type(0, 0, "before and after");
    await ada.status("offline", 2);
    await keepsDrafts(ada.page, 1, " and after");
    ada.check();
    await ada.page.close();
    await ben.choose(0, 0, "insert-above");
    await ben.status("saved", 0);

    await ada.context.setOffline(false);
    const later = new Person(ada.context, await ada.context.newPage());
    await later.page.goto(url);
    await later.ready();
    for (const person of [later, ben]) {
      await person.sees(1, 0, "before and after");
      await person.sees(2, 0, "in the tunnel");
    }
    await later.status("saved", 0);
    await keepsDrafts(later.page, 0);

    // A second tab does not take the unsaved edits of the first.
    const other = new Person(ada.context, await ada.context.newPage());
    await ada.context.setOffline(true);
    await later.status("offline");
    await later.type(4, 0, "waits in the first tab");
    await later.status("offline", 1);
    await keepsDrafts(later.page, 1, "waits in the first tab");
    await ada.context.setOffline(false);
    await other.page.goto(url);
    await other.ready();
    await other.type(5, 0, "from the second tab");
    for (const person of [later, other, ben]) {
      await person.sees(4, 0, "waits in the first tab");
      await person.sees(5, 0, "from the second tab");
    }
    for (const person of [later, other, ben]) person.check();
    return {};
  });
}
