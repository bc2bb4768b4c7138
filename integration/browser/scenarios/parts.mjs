// A part of the page that can't be loaded shows a message in its place, and can be loaded again; the rest keeps
// working. A part that was loaded ahead also opens without a server.
import { Person, withBrowsers } from "../browser.mjs";

const GONE = { status: 404, contentType: "text/plain", body: "no such file" };

/** `target.pid` is the server's process: it is killed at the end. */
export function parts(target) {
  return withBrowsers(2, async (ada, ben) => {
    await ada.signUp(target);
    await ada.createSheet("Parts");
    const url = ada.page.url();

    // As after an upgrade: the server no longer has the old files.
    const history = "**/assets/HistoryPanel-*";
    const release = await ada.intercept(history, (route) => route.fulfill(GONE));
    await ada.page.reload();
    await ada.ready();
    await ada.at("history-open").click();
    await ada.at("part-failed").waitFor();
    await ada.type(0, 0, "typed beside the failure");
    await ada.status("saved", 0);
    await release();
    await ada.at("part-retry").click();
    await ada.at("change").first().waitFor();
    await ada.at("panel-close").click();

    // The page of a sheet, and the engine below it.
    for (const part of ["**/assets/SheetPage-*.js", "**/assets/web_engine_bg-*"]) {
      const release = await ada.intercept(part, (route) => route.fulfill(GONE));
      await ada.page.reload();
      await ada.at("part-failed").waitFor();
      await ada.at("back").waitFor();
      await release();
      await ada.at("part-retry").click();
      await ada.ready();
      await ada.sees(0, 0, "typed beside the failure");
    }
    ada.check();
    await broken(ada, target, history);

    await ben.signIn(target);
    const fetched = ben.page.waitForResponse(/HistoryPanel-.*\.js/);
    await ben.page.goto(url);
    await ben.ready();
    await (await fetched).finished();
    process.kill(Number(target.pid), "SIGKILL");
    await ben.status("offline");
    await ben.type(1, 0, "typed without a server");
    await ben.at("history-open").click();
    await ben.at("history").getByText("The server can't be reached").waitFor();
    await ben.status("offline", 1);
    await ben.sees(1, 0, "typed without a server");
    ben.check();
    return {};
  });
}

/** Parts that fail to render, a page that fails to render, and uncaught errors. */
async function broken(ada, target, history) {
  const body = "export default function Panel() { throw new Error('can not be drawn'); }";
  await ada.intercept(history, (route) =>
    route.fulfill({ contentType: "text/javascript", body }),
  );
  await ada.page.reload();
  await ada.ready();
  await ada.at("history-open").click();
  await ada.at("part-failed").waitFor();
  await ada.type(1, 0, "typed beside the broken part");
  await ada.status("saved", 0);
  await ada.page.evaluate(() => void Promise.reject(new Error("uncaught")));
  await ada.at("toast-error").waitFor();

  const other = new Person(ada.context, await ada.context.newPage());
  // The list of sheets formats its numbers with this.
  await other.page.addInitScript(() => {
    const get = () => {
      throw new Error("can not be drawn");
    };
    Object.defineProperty(Intl.NumberFormat.prototype, "format", { get });
  });
  await other.page.goto(new URL("/", target.url).href);
  await other.at("part-failed").waitFor();
  await other.page.close();
}
