// Days, times and kinds of columns: what a cell shows is read back, what does not fit its column is converted or marked, and
// the files of both exports.
//
// GRIDLOOM_SHOTS=DIR stores screenshots.
import { readFile } from "node:fs/promises";
import { accessible } from "../axe.mjs";
import { equal, withBrowsers } from "../browser.mjs";

export function kinds(target) {
  return withBrowsers(1, async (ada) => {
    await ada.signUp(target);
    await ada.createSheet("Plan");
    await readBack(ada);
    await misfits(ada);
    await conversion(ada);
    await exports(ada);
    await choices(ada, target);
    ada.check();
    return {};
  });
}

async function shot(ada, name) {
  const folder = process.env.GRIDLOOM_SHOTS;
  if (folder !== undefined) await ada.page.screenshot({ path: `${folder}/${name}.png` });
}

/** Sets the kind of a column by its menu. */
async function kind(ada, col, label) {
  const { x, y } = await ada.point(0, col);
  await ada.page.mouse.click(x, y - 32, { button: "right" });
  await ada.at("kind").click();
  await ada.at("submenu").waitFor();
  await shot(ada, `kinds-${label}`);
  await ada.at("submenu").getByText(label, { exact: true }).click();
  await ada.at("submenu").waitFor({ state: "detached" });
}

/** A time without a zone has no seconds in a column of its kind; the same text is the same value there. */
async function readBack(ada) {
  await ada.type(0, 0, "2024-05-01 14:30:00");
  await ada.sees(0, 0, "2024-05-01 14:30:00");
  await kind(ada, 0, "Date and time");
  await ada.sees(0, 0, "2024-05-01 14:30");
  await ada.type(1, 0, "2024-05-01 14:30");
  await kind(ada, 0, "Anything");
  await ada.sees(1, 0, "2024-05-01 14:30:00");
  await ada.type(2, 0, "2024-05-01");
  await ada.sees(2, 0, "2024-05-01");
}

/** A value that does not fit stays, and the line below the sheet says why. */
async function misfits(ada) {
  await ada.type(0, 1, "about 7");
  await ada.type(1, 1, "8");
  await kind(ada, 1, "Number");
  await onlyKind(ada);
  await ada.at("toast-info").filter({ hasText: "1 loaded value does not fit" }).waitFor();
  await ada.click(0, 1);
  await ada.at("misfit").getByText("expected a number").waitFor();
  await shot(ada, "misfit");
  await ada.type(0, 1, "7");
  await ada.click(0, 1);
  await ada.at("misfit").waitFor({ state: "detached" });
  await kind(ada, 1, "Text");
  await onlyKind(ada);
  await ada.click(0, 1);
  await ada.at("misfit").getByText("expected a text").waitFor();
  await kind(ada, 1, "Anything");
}

/** Leaves the values as they are. */
async function onlyKind(ada) {
  await ada.at("convert-kind-only").click();
  await ada.at("convert").waitFor({ state: "detached" });
}

/** The dialog says what becomes of the values; the notice takes that back, while it is the last change. */
async function conversion(ada) {
  await kind(ada, 1, "Text");
  await ada.at("convert-report").getByText("2 values become texts.").waitFor();
  await ada.at("convert-values").click();
  await ada.at("toast-info").filter({ hasText: "2 values became texts." }).waitFor();
  await ada.type(2, 1, "n/a");
  await ada.type(3, 1, "008");
  await kind(ada, 1, "Number");
  await ada.at("convert-report").getByText("3 values become numbers.").waitFor();
  await ada.at("convert-report").getByText("Row 3: “n/a”: expected a number").waitFor();
  await accessible(ada.page, "the dialog of a conversion");
  await shot(ada, "conversion");
  await ada.at("convert-values").click();
  await ada.sees(3, 1, "8");
  await shot(ada, "converted");
  const done = ada.at("toast-info").filter({ hasText: "3 values became numbers." });
  await done.getByRole("button", { name: "Undo" }).click();
  await ada.sees(3, 1, "008");
  await kind(ada, 1, "Anything");
}

/** The file for spreadsheets has a name of its own, a mark, and no formulas. */
async function exports(ada) {
  await ada.type(3, 0, "=1+1");
  await ada.saved();
  const file = async (item) => {
    await ada.at("export").click();
    const download = ada.page.waitForEvent("download");
    await ada.at(item).click();
    const done = await download;
    return [done.suggestedFilename(), await readFile(await done.path(), "utf8")];
  };
  const [name, exact] = await file("export-cells");
  equal([name, exact.includes("\n=1+1")], ["Plan.csv", true], "for programs");
  const [other, defused] = await file("export-sheets");
  equal(other, "Plan for Excel.csv", "the name for spreadsheets");
  equal([defused.startsWith("\ufeff"), defused.includes("'=1+1")], [true, true], "for spreadsheets");
}

async function pick(ada, target, name, content) {
  await ada.page.goto(new URL("/", target.url).href);
  const buffer = Buffer.isBuffer(content) ? content : Buffer.from(content);
  await ada.at("import-file").setInputFiles({ name, mimeType: "text/csv", buffer });
  await ada.at("import-dialog").waitFor();
}

async function select(ada, id, label) {
  await ada.at(id).click();
  await ada.page.getByRole("option", { name: label, exact: true }).click();
}

/** A doubt stays in the dialog; delimiter, encoding and kinds are chosen there, and the preview follows. */
async function choices(ada, target) {
  await pick(ada, target, "tie.csv", "code,a;b\n007,1;2\n008,3;4\n");
  await ada.at("import-doubts").getByText("divides the lines as evenly").waitFor();
  await shot(ada, "doubt");
  await accessible(ada.page, "the dialog of an import");
  await select(ada, "import-delimiter", "Comma");
  await ada.at("import-preview").getByText("1;2").waitFor();
  await ada.at("import-doubts").getByRole("listitem").waitFor({ state: "detached" });
  await select(ada, "import-kind-0", "Number");
  await ada.at("import-preview").getByRole("cell", { name: "7", exact: true }).waitFor();
  await ada.at("import-start").click();
  await ada.ready();
  await ada.sees(0, 0, "7");
  await ada.sees(0, 1, "1;2");

  await pick(ada, target, "greek.csv", Buffer.from([0x61, 0x0a, 0xe1, 0xe2, 0x0a]));
  await ada.at("import-error").getByText("isn't UTF-8").waitFor();
  await select(ada, "import-encoding", "Greek (Windows-1253)");
  await ada.at("import-preview").getByText("αβ").waitFor();
  await ada.at("import-start").click();
  await ada.ready();
  await ada.sees(0, 0, "αβ");
}
