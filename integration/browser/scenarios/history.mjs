// The history panel shows changes as they happen. An older version can be viewed and restored, and the
// restoration undone. Changes are named by their places on the sheet.
import { withBrowsers } from "../browser.mjs";

export function history(target) {
  return withBrowsers(2, async (ada, ben) => {
    await ada.signUp(target);
    await ada.createSheet("Ledger");
    await ben.signIn(target);
    await ben.page.goto(ada.page.url());
    await ben.ready();
    await ada.type(0, 0, "one");
    await ada.type(1, 0, "two");

    await ben.at("history-open").click();
    const change = (revision) =>
      ben.page.locator(`[data-testid="change"][data-revision="${revision}"]`);
    await change(1).getByText("Set A1", { exact: true }).waitFor();
    await change(2).getByText("Set A2", { exact: true }).waitFor();
    await ada.choose(0, 0, "insert-above");
    await change(3).getByText("Inserted row 1", { exact: true }).waitFor();
    // The places of older changes stay as they were.
    await change(2).getByText("Set A2", { exact: true }).waitFor();

    await change(1).click();
    await ben.at("version").getByText("one").waitFor();
    await ben.at("restore").click();
    await ada.sees(0, 0, "one");
    await ada.sees(1, 0, "");
    await ada.seesRows(100);
    await change(4).filter({ hasText: "Restored an older version" }).waitFor();

    // The restoration was made in Ben's window, and is undone there.
    await ben.click(3, 1);
    await ben.page.keyboard.press("Control+z");
    await ben.sees(1, 0, "one");
    await ben.sees(2, 0, "two");
    await ben.seesRows(101);
    // Escape closes the version first, then the history.
    await change(1).click();
    await ben.at("version").getByText("one").waitFor();
    await ben.press("Escape");
    await ben.at("version").waitFor({ state: "detached" });
    await ben.at("history").waitFor();
    await ben.press("Escape");
    await ben.at("history").waitFor({ state: "detached" });
    ada.check();
    ben.check();
    return {};
  });
}
