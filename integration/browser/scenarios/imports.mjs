// Importing a CSV file opens the new sheet, with all rows and values.
import { equal, withBrowsers } from "../browser.mjs";

/** Imports `target.file`, or without one a generated file of `target.rows` rows. */
export function imports(target) {
  return withBrowsers(1, async (ada) => {
    await ada.signUp(target);
    const rows = Number(target.rows ?? 5_000);
    const file = target.file ?? ownFile(rows);
    await ada.at("import-file").setInputFiles(file);
    await ada.at("import-start").click();
    await ada.ready();
    const size = ada.at("size");
    const shape = [await size.getAttribute("data-rows"), await size.getAttribute("data-columns")];
    if (target.file === undefined) {
      equal(shape, [String(rows), "3"], "rows and columns");
      await ada.sees(0, 0, "A0");
      await ada.sees(0, 1, "0.5");
      await ada.page.keyboard.press("Control+g");
      await ada.at("prompt-input").fill(String(rows / 2));
      await ada.at("prompt-submit").click();
      await ada.sees(rows / 2 - 1, 0, `A${rows / 2 - 1}`);
    }
    ada.check();
    return { rows: Number(shape[0]), columns: Number(shape[1]) };
  });
}

function ownFile(rows) {
  const lines = Array.from({ length: rows }, (_, i) => `A${i},${i + 0.5},"say ""hi"", ${i}"`);
  const buffer = Buffer.from(["Code,Price,Note", ...lines, ""].join("\n"));
  return { name: "prices.csv", mimeType: "text/csv", buffer };
}
