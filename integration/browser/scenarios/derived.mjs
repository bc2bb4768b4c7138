// Files that are made of the rows of another one, by keys alone: a computed column with a preview, a formula that can't be read, and
// a group. Then a join. axe finds nothing serious in any of the dialogs.
//
// GRIDLOOM_SHOTS=DIR stores a screenshot of each.
import { accessible } from "../axe.mjs";
import { equal, withBrowsers } from "../browser.mjs";

const SIZES = { desk: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };
const STOCK = "gtin,shop,count\n1,North,3\n2,South,5\n1,South,4\n";
const NAMES = "gtin,name\n1,Pear\n2,Plum\n";

export function derived(target) {
  const { scheme = "light", size = "desk" } = target;
  return withBrowsers(1, async (ada) => {
    await ada.page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    await ada.page.setViewportSize(SIZES[size]);
    const look = (name) => accessible(ada.page, `derived-${name}-${scheme}-${size}`);
    await ada.signUp(target);
    await upload(ada, target, "names.csv", NAMES);
    await upload(ada, target, "stock.csv", STOCK);
    const stock = ada.page.url();
    await computed(ada, look);
    await ada.page.goto(stock);
    await grouped(ada, look);
    await ada.page.goto(stock);
    await joined(ada, look);
    await ada.page.goto(stock);
    await refusedAddress(ada, look);
    await listed(ada, target, look);
    ada.check();
    return {};
  });
}

/** Uploads a file, and reads it as it looks. */
async function upload(ada, target, name, text) {
  await ada.page.goto(new URL("/files", target.url).href);
  const file = { name, mimeType: "text/csv", buffer: Buffer.from(text) };
  await ada.at("upload-files").setInputFiles(file);
  const done = ada.find(`[data-testid="transfer"][data-name="${name}"][data-state="done"]`);
  await done.getByTestId("file-open").click();
  await read(ada);
}

async function read(ada) {
  await ada.at("file-read-start").click();
  await ada.at("table-grid").waitFor();
}

/** A cell that holds a text. */
async function sees(ada, row, col, text) {
  await ada.at(`table-cell-${col}-${row}`).getByText(text, { exact: true }).waitFor();
}

/** Goes to the last column: a phone has no room for all of them. */
async function toEnd(ada) {
  await ada.at("table-grid").focus();
  await ada.press("End");
}

/** Opens one of the dialogs of the menu by keys: the number of items above it is that of the arrows. */
async function opens(ada, way, above) {
  await ada.at("derive-menu").focus();
  await ada.press("Enter");
  await ada.find('[data-testid="derive-add-item"][data-highlighted]').waitFor();
  // A menu takes the keys once it has the focus.
  await ada.page.waitForFunction(() => document.activeElement?.closest('[role="menu"]') != null);
  await ada.press(...Array.from({ length: above }, () => "ArrowDown"));
  await ada.find(`[data-testid="derive-${way}-item"][data-highlighted]`).waitFor();
  await ada.press("Enter");
  await ada.at(`derive-${way}`).waitFor();
}

/** Chooses from a field by keys. */
async function chosen(ada, field, label) {
  await field.focus();
  await ada.press("Enter");
  const option = ada.page.getByRole("option").filter({ hasText: label }).first();
  await option.waitFor();
  await ada.page.keyboard.type(label);
  await option.and(ada.page.locator("[data-highlighted]")).waitFor();
  await ada.press("Enter");
}

/** The file that a dialog has made, on its page. */
async function shown(ada, name) {
  await ada.at("transfer-done").waitFor();
  await ada.at("save-show").focus();
  await ada.press("Enter");
  await ada.at("file-title").getByText(name, { exact: true }).waitFor();
  await read(ada);
}

/** The preview follows what is typed, and a formula that can't be read has its place. */
async function computed(ada, look) {
  await opens(ada, "add", 0);
  await ada.page.waitForFunction(() => document.activeElement?.dataset.testid === "column-name");
  await ada.keys("total", "Tab", "[count] * ");
  await ada.at("formula-place").waitFor();
  await look("formula");
  await ada.keys("2");
  await ada.at("derive-preview").getByText("total", { exact: true }).waitFor();
  await ada.at("derive-preview").getByText("10", { exact: true }).waitFor();
  equal(await ada.at("formula-place").count(), 0, "places that can't be read");
  await look("computed");
  equal(await ada.at("save-name").inputValue(), "stock with total.parquet", "the offered name");
  await ada.press("Enter");
  await shown(ada, "stock with total.parquet");
  await toEnd(ada);
  await sees(ada, 1, 3, "10");
  await sees(ada, 2, 3, "8");
}

/** Rows by their shop, with the sum of a column. */
async function grouped(ada, look) {
  await opens(ada, "group", 1);
  await chosen(ada, ada.at("group-by"), "shop");
  await ada.at("group-text").getByText("One row for each shop: rows.").waitFor();
  await ada.at("aggregate-add").focus();
  await ada.press("Enter");
  await ada.at("save-begin").focus();
  await ada.press("Enter");
  // What is missing has the focus.
  await ada.page.waitForFunction(
    () => document.activeElement?.dataset.testid === "aggregate-column",
  );
  await chosen(ada, ada.at("aggregate-column"), "count");
  await ada.at("group-text").getByText("One row for each shop: rows, sum of count.").waitFor();
  await look("grouped");
  await ada.at("save-name").focus();
  await ada.press("Enter");
  await shown(ada, "stock by shop.parquet");
  await sees(ada, 0, 0, "North");
  await sees(ada, 1, 0, "South");
  await sees(ada, 1, 1, "2");
  await sees(ada, 1, 2, "9");
}

/** The column with the same name is the key that is suggested. */
async function joined(ada, look) {
  await opens(ada, "join", 2);
  await ada.at("save-begin").click();
  await ada.at("derive-join").getByText("Choose a file.").waitFor();
  await chosen(ada, ada.at("join-file"), "names.csv");
  await ada.at("join-key").getByText("gtin").waitFor();
  await ada.at("join-other-key").getByText("gtin").waitFor();
  await look("joined");
  await ada.at("save-begin").click();
  await shown(ada, "stock joined.parquet");
  await toEnd(ada);
  await sees(ada, 0, 3, "Pear");
  await sees(ada, 1, 3, "Plum");
}

/** What is missing is at its field, and an address of the server's own network is refused there. */
async function refusedAddress(ada, look) {
  await opens(ada, "enrich", 3);
  await ada.at("enrich-try").click();
  await ada.at("derive-enrich").getByText("Write the address of the API.").waitFor();
  await ada.at("enrich-url").fill("http://127.0.0.1:9/");
  await ada.at("enrich-insert").focus();
  await ada.press("Enter");
  await ada.at("enrich-insert-item").first().click();
  equal(await ada.at("enrich-url").inputValue(), "http://127.0.0.1:9/{gtin}", "the address");
  await chosen(ada, ada.at("enrich-key"), "gtin");
  await ada.at("take-path").fill("name");
  await ada.at("header-add").click();
  await ada.at("header-name").fill("authorization");
  equal(await ada.at("header-value").getAttribute("type"), "password", "the field of a secret");
  await ada.at("enrich-try").click();
  await ada.at("derive-enrich").getByText("in the server's own network").waitFor();
  await look("enrich");
  await ada.press("Escape");
}

/** The jobs lead to the files that they have made, and show their steps. */
async function listed(ada, target, look) {
  await ada.page.goto(new URL("/jobs", target.url).href);
  await ada.at("job-made-file").first().waitFor();
  await ada.at("job-row").filter({ hasText: "Makes a file of rows" }).first().waitFor();
  await ada.at("job-plan").first().locator("summary").click();
  await ada.at("job-steps").first().waitFor();
  await look("steps");
  await ada.at("job-made-file").first().click();
  await ada.at("file-page").waitFor();
}
