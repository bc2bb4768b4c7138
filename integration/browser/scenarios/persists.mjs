// Signs up, creates a sheet and edits it; after a reload all edits are there.
import { equal, withBrowsers } from "../browser.mjs";

export function persists(target) {
  return withBrowsers(1, async (ada) => {
    await ada.signUp(target);
    await ada.createSheet("Inventory");
    await ada.type(0, 0, "Bolts");
    await ada.type(0, 1, "12.5");
    await ada.type(1, 0, "'12");
    await ada.type(1, 1, "2024-05-01 12:30");
    await ada.status("saved", 0);
    const address = ada.page.url();

    await ada.page.reload();
    await ada.ready();
    await ada.sees(0, 0, "Bolts");
    await ada.sees(0, 1, "12.5");
    // Text that looks like a number stays text; the typed apostrophe is not part of it.
    await ada.sees(1, 0, "12");
    await ada.click(1, 0);
    await ada.press("F2");
    await ada.editor().waitFor();
    equal(await ada.at("cell-entry").inputValue(), "'12", "the text in the editor");
    await ada.press("Escape");
    await ada.sees(1, 1, "2024-05-01 12:30");
    ada.check();
    return { address };
  });
}
