// The page of a file: the preview and the choices before it is read, the progress, its rows with the keys of a sheet, and a
// file that can't be read. axe finds nothing serious in any of its states.
//
// GRIDLOOM_SHOTS=DIR stores a screenshot of each.
import { accessible } from "../axe.mjs";
import { equal, withBrowsers } from "../browser.mjs";

const SIZES = { desk: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };
const ROWS = 3_000;
/** The pixels of a row. */
const ROW = 32;

export function tables(target) {
  const { scheme = "light", size = "desk" } = target;
  return withBrowsers(1, async (ada) => {
    await ada.context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await ada.page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    await ada.page.setViewportSize(SIZES[size]);
    const look = (name) => accessible(ada.page, `tables-${name}-${scheme}-${size}`);
    await ada.signUp(target);
    await uploaded(ada, target);
    await chosen(ada, look);
    await moved(ada, look);
    await copied(ada);
    await away(ada);
    await again(ada, look);
    await listed(ada);
    await refused(ada, target, look);
    ada.check();
    return { rows: ROWS };
  });
}

function transfer(ada, name) {
  return ada.find(`[data-testid="transfer"][data-name="${name}"][data-state="done"]`);
}

async function upload(ada, target, name, text) {
  await ada.page.goto(new URL("/files", target.url).href);
  const file = { name, mimeType: "text/csv", buffer: Buffer.from(text) };
  await ada.at("upload-files").setInputFiles(file);
  await transfer(ada, name).waitFor();
}

/** A cell that holds a text. */
async function sees(ada, row, col, text) {
  await ada.at(`table-cell-${col}-${row}`).getByText(text, { exact: true }).waitFor();
}

async function standsAt(ada, place) {
  await ada.at("table-selection").getByText(place, { exact: true }).waitFor();
}

/** An upload of a known format offers its rows, and says that it is not read yet. */
async function uploaded(ada, target) {
  const lines = Array.from({ length: ROWS }, (_, i) => `A${i},${i + 0.5},${i % 10 === 3 ? "x" : i}`);
  await upload(ada, target, "prices.csv", ["Code,Price,Count", ...lines, ""].join("\n"));
  await transfer(ada, "prices.csv").getByText("Not read yet").waitFor();
  await transfer(ada, "prices.csv").getByTestId("file-open").click();
  await ada.at("file-page").waitFor();
}

/** The preview shows the columns; a chosen kind counts for the table. */
async function chosen(ada, look) {
  await ada.at("import-preview").getByText("A1", { exact: true }).waitFor();
  await look("preview");
  await ada.at("import-kind-2").click();
  await ada.page.getByRole("option", { name: "Number", exact: true }).click();
  await ada.at("import-kind-2").getByText("Number").waitFor();
  await ada.at("file-read-start").click();
  await ada.at("table-grid").waitFor();
  await ada.find(`[data-testid="table-size"][data-rows="${ROWS}"]`).waitFor({ state: "attached" });
  await sees(ada, 0, 0, "A0");
  equal(await ada.at("table-grid").getAttribute("aria-rowcount"), String(ROWS + 1), "rows");
  await look("rows");
  await ada.press("ArrowDown", "ArrowDown", "ArrowDown", "ArrowRight", "ArrowRight");
  await standsAt(ada, "Count, row 4");
  await sees(ada, 3, 2, "x");
  await ada.at("table-misfit").waitFor();
}

/** The keys of a sheet, the wheel, the bar, and the field to go to a row. */
async function moved(ada, look) {
  const last = ROWS - 1;
  await ada.press("Control+End");
  await standsAt(ada, `Count, row ${ROWS.toLocaleString("en-US")}`);
  await sees(ada, last, 0, `A${last}`);
  await look("end");
  await ada.press("Control+Home");
  await standsAt(ada, "Code, row 1");
  await sees(ada, 0, 0, "A0");
  await ada.page.mouse.move(...(await middle(ada)));
  await ada.page.mouse.wheel(0, 10 * ROW);
  await ada.page.waitForFunction(
    (top) => document.querySelector(".table-grid").scrollTop === top,
    10 * ROW,
  );
  await sees(ada, 10, 0, "A10");
  await ada.page.evaluate(() => {
    const grid = document.querySelector(".table-grid");
    grid.scrollTop = grid.scrollHeight;
  });
  await sees(ada, last, 0, `A${last}`);
  await ada.press("Control+g");
  await ada.page.keyboard.type("1,500");
  await ada.press("Enter");
  await standsAt(ada, "Code, row 1,500");
  await sees(ada, 1_499, 0, "A1499");
  const focused = await ada.page.evaluate(() => document.activeElement.dataset.testid);
  equal(focused, "table-grid", "the focus after the field");
}

async function middle(ada) {
  const { x, y, width, height } = await ada.at("table-grid").boundingBox();
  return [x + width / 2, y + height / 2];
}

/** A copy is tab-separated text, also of cells that are not loaded. */
async function copied(ada) {
  const clip = (wanted) =>
    ada.page.waitForFunction(
      async (wanted) => (await navigator.clipboard.readText()) === wanted,
      wanted,
    );
  await ada.press("Shift+ArrowDown", "Shift+ArrowRight", "Control+c");
  await clip("A1499\t1499.5\nA1500\t1500.5");
  await ada.press("Control+Home", "Control+Space", "Control+c");
  const all = Array.from({ length: ROWS }, (_, i) => `A${i}`).join("\n");
  await clip(all);
}

/** Without the server the rows that are loaded stay, a banner says why the others do not load, and they come later. */
async function away(ada) {
  const rows = "**/gridloom.v1.TableService/ReadTableRows";
  await ada.page.reload();
  await sees(ada, 0, 0, "A0");
  const release = await ada.intercept(rows, (route) => route.abort());
  await ada.press("Control+End");
  await ada.at("table-problem").getByText("can't be reached").waitFor();
  await release();
  await ada.at("table-problem").getByRole("button").click();
  await sees(ada, ROWS - 1, 0, `A${ROWS - 1}`);
}

/** The file is read again in another way, and the rows are the new ones. */
async function again(ada, look) {
  await ada.at("read-again").click();
  await ada.at("import-preview").waitFor();
  await ada.at("header-no").check();
  await ada.at("import-preview").getByText("Code", { exact: true }).waitFor();
  await look("again");
  await ada.at("file-read-start").click();
  await ada
    .find(`[data-testid="table-size"][data-rows="${ROWS + 1}"]`)
    .waitFor({ state: "attached" });
  await sees(ada, 0, 0, "Code");
}

/** The list leads to the rows by the name of the file. */
async function listed(ada) {
  await ada.at("back").click();
  const row = ada.find('[data-testid="file-row"][data-name="prices.csv"]');
  await row.getByTestId("file-link").click();
  await sees(ada, 1, 0, "A0");
}

/** A file that can't be read names the line; a choice solves it. */
async function refused(ada, target, look) {
  await upload(ada, target, "ragged.csv", "Item,Count\nbolt,4\nnut\n");
  await transfer(ada, "ragged.csv").getByTestId("file-open").click();
  await ada.at("file-read-error").getByText("Line 3").waitFor();
  await look("refused");
  await ada.at("file-read-repair").click();
  await ada.at("import-preview").getByText("nut", { exact: true }).waitFor();
  await ada.at("file-read-start").click();
  await sees(ada, 1, 0, "nut");
}
