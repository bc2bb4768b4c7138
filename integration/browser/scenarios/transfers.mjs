// Transfers: rows of a file become a sheet and are merged into it, and rows and sheets are saved as files. axe finds nothing
// serious in any of the dialogs.
//
// GRIDLOOM_SHOTS=DIR stores a screenshot of each.
import { readFile } from "node:fs/promises";
import { accessible } from "../axe.mjs";
import { equal, withBrowsers } from "../browser.mjs";

const SIZES = { desk: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };
/** The begin of each ZIP archive, which a workbook is. */
const ZIP = "504b0304";

export function transfers(target) {
  const { scheme = "light", size = "desk" } = target;
  return withBrowsers(1, async (ada) => {
    await ada.page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    await ada.page.setViewportSize(SIZES[size]);
    const look = (name) => accessible(ada.page, `transfers-${name}-${scheme}-${size}`);
    await ada.signUp(target);
    await read(ada, target, "stock.csv", "gtin,item,count\n1,Pear,3\n2,Plum,5\n");
    const file = ada.page.url();
    const sheet = await made(ada, look);
    await ada.sees(1, 1, "Plum");
    await ada.page.goto(file);
    await saved(ada, look);
    await read(ada, target, "more.csv", "gtin,item,count\n2,Plum,6\n3,Fig,1\n");
    await merged(ada, look);
    equal(ada.page.url(), sheet, "the sheet that was merged into");
    await ada.seesRows(3);
    await ada.sees(1, 2, "6");
    await ada.sees(2, 1, "Fig");
    await ofSheet(ada);
    await listed(ada, target, look);
    ada.check();
    return {};
  });
}

/** Uploads a file, and reads it as it looks. */
async function read(ada, target, name, text) {
  await ada.page.goto(new URL("/files", target.url).href);
  const file = { name, mimeType: "text/csv", buffer: Buffer.from(text) };
  await ada.at("upload-files").setInputFiles(file);
  const done = ada.find(`[data-testid="transfer"][data-name="${name}"][data-state="done"]`);
  await done.getByTestId("file-open").click();
  await ada.at("file-read-start").click();
  await ada.at("table-grid").waitFor();
}

/** The rows become a new sheet, whose name is asked for. */
async function made(ada, look) {
  await ada.at("fill-open-dialog").click();
  const name = ada.at("fill-name");
  await name.waitFor();
  equal(await name.inputValue(), "stock", "the name that is offered");
  await name.fill(" ");
  await ada.at("fill-begin").click();
  await ada.at("fill").getByText("Give the sheet a name.").waitFor();
  await look("fill");
  await name.fill("Stock");
  await ada.at("fill-begin").click();
  await ada.at("transfer-done").waitFor();
  await look("filled");
  await ada.at("fill-open").click();
  await ada.ready();
  return ada.page.url();
}

/** The rows are saved as a workbook, which is downloaded. */
async function saved(ada, look) {
  await ada.at("save-open-dialog").click();
  const name = ada.at("save-name");
  await name.waitFor();
  equal(await name.inputValue(), "stock.xlsx", "the name that is offered");
  await look("save");
  await ada.at("save-begin").click();
  const bytes = await downloaded(ada, "stock.xlsx");
  equal(bytes.subarray(0, 4).toString("hex"), ZIP, "the begin of the workbook");
  await look("saved");
  await ada.at("save-show").click();
  await ada.at("file-title").getByText("stock.xlsx", { exact: true }).waitFor();
}

/** The file that a dialog offers once its job is done. */
async function downloaded(ada, name) {
  await ada.at("save-download").waitFor();
  const [file] = await Promise.all([
    ada.page.waitForEvent("download"),
    ada.at("save-download").click(),
  ]);
  equal(file.suggestedFilename(), name, "the name of the download");
  return readFile(await file.path());
}

/** Rows with a key of the sheet change it, and others are appended. */
async function merged(ada, look) {
  await ada.at("fill-open-dialog").click();
  await chosen(ada, "fill-way", "The rows of a sheet");
  await chosen(ada, "fill-sheet", "Stock");
  await ada.at("fill-begin").click();
  await ada.at("fill").getByText("Choose the column that both have.").waitFor();
  await chosen(ada, "fill-key", "gtin");
  await look("merge");
  await ada.at("fill-begin").click();
  await ada.at("transfer-done").waitFor();
  await ada.at("transfer-notes").waitFor();
  await look("merged");
  await ada.at("fill-open").click();
  await ada.ready();
}

async function chosen(ada, field, label) {
  await ada.at(field).click();
  await ada.page.getByRole("option").filter({ hasText: label }).first().click();
  await ada.at(field).getByText(label).waitFor();
}

/** The sheet is saved as JSON lines. */
async function ofSheet(ada) {
  await ada.at("export").click();
  await ada.at("export-save").click();
  await chosen(ada, "save-format", "JSON lines");
  equal(await ada.at("save-name").inputValue(), "Stock.jsonl", "the name that is offered");
  await ada.at("save-begin").click();
  const text = (await downloaded(ada, "Stock.jsonl")).toString();
  const rows = text.trim().split("\n").map(JSON.parse);
  equal(rows[1], { gtin: 2, item: "Plum", count: 6 }, "the second row");
  equal(rows.length, 3, "rows");
}

/** The jobs lead to what they have made. */
async function listed(ada, target, look) {
  await ada.page.goto(new URL("/jobs", target.url).href);
  await ada.at("job-made-file").first().waitFor();
  await ada.at("job-notes").first().waitFor();
  await look("jobs");
  await ada.at("job-sheet").first().click();
  await ada.ready();
  await ada.seesRows(3);
}
