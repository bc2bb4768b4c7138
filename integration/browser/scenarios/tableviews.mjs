// The rows of a file sorted and filtered: the menus of columns by keyboard and by mouse, the line above the rows, the values of a
// column, and the address that keeps what was asked for. axe finds nothing serious in any of its states.
//
// GRIDLOOM_SHOTS=DIR stores a screenshot of each.
import { accessible } from "../axe.mjs";
import { equal, withBrowsers } from "../browser.mjs";

const SIZES = { desk: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };
/** A name that an address has to encode. */
const CA = "CA & 100% C++";
const STATES = ["TX", CA, "NY"];
const ROWS = 300;
/** Of these, between 30 and 90, of TX, and not empty: every third one but that of 57. */
const BETWEEN = 19;

export function tableviews(target) {
  const { scheme = "light", size = "desk" } = target;
  return withBrowsers(1, async (ada) => {
    await ada.page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    await ada.page.setViewportSize(SIZES[size]);
    const look = (name) => accessible(ada.page, `tableviews-${name}-${scheme}-${size}`);
    await ada.signUp(target);
    await read(ada, target);
    await sorted(ada, look);
    await filtered(ada, look);
    await between(ada, look);
    await counted(ada, look);
    await chosen(ada);
    await kept(ada);
    await removed(ada);
    await away(ada, look);
    ada.check();
    return { rows: ROWS };
  });
}

/** A file of places with prices, some of them empty. */
function places() {
  const lines = Array.from({ length: ROWS }, (_, i) => {
    const city = `City ${String(ROWS - 1 - i).padStart(3, "0")}`;
    return `${STATES[i % STATES.length]},${city},${i % 50 === 7 ? "" : `${i}.5`}`;
  });
  return ["state,city,price", ...lines, ""].join("\n");
}

async function read(ada, target) {
  await ada.page.goto(new URL("/files", target.url).href);
  const file = { name: "places.csv", mimeType: "text/csv", buffer: Buffer.from(places()) };
  await ada.at("upload-files").setInputFiles(file);
  const done = ada.find('[data-testid="transfer"][data-name="places.csv"][data-state="done"]');
  await done.getByTestId("file-open").click();
  await ada.at("import-preview").getByText("City 299", { exact: true }).waitFor();
  await ada.at("file-read-start").click();
  await ada.at("table-grid").waitFor();
  await seesRows(ada, ROWS);
  await sees(ada, 0, 1, "City 299");
}

/** The rows on the screen are so many. */
async function seesRows(ada, rows) {
  await ada.find(`[data-testid="table-size"][data-rows="${rows}"]`).waitFor({ state: "attached" });
}

/** A cell that holds a text. */
async function sees(ada, row, col, text) {
  await ada.at(`table-cell-${col}-${row}`).getByText(text, { exact: true }).waitFor();
}

async function standsAt(ada, place) {
  await ada.at("table-selection").getByText(place, { exact: true }).waitFor();
}

async function counts(ada, text) {
  await ada.at("query-count").getByText(text, { exact: true }).waitFor();
}

async function chips(ada, ...texts) {
  const last = texts.at(-1);
  if (last !== undefined) await ada.at("query-chip").getByText(last, { exact: true }).waitFor();
  equal(await ada.at("query-chip").allTextContents(), texts, "the parts of the query");
}

async function inGrid(ada) {
  await ada.find('[data-testid="table-grid"]:focus').waitFor();
}

async function gone(ada, id) {
  await ada.at(id).waitFor({ state: "detached" });
}

/** Opens the menu of the column of the cursor. */
async function menuByKey(ada, key = "Alt+ArrowDown") {
  await inGrid(ada);
  await ada.press(key);
  await ada.at("menu").waitFor();
}

/** Keys alone sort, and a row keeps its number. */
async function sorted(ada, look) {
  await inGrid(ada);
  await ada.press("ArrowRight");
  await standsAt(ada, "city, row 1");
  await menuByKey(ada, "Shift+F10");
  await ada.press("Escape");
  await gone(ada, "menu");
  await menuByKey(ada);
  await look("menu");
  await ada.press("ArrowDown");
  await ada.find('[data-testid="sort-ascending"][data-highlighted]').waitFor();
  await ada.press("Enter");
  await chips(ada, "by city, A to Z");
  await counts(ada, "300 of 300 rows");
  await sees(ada, 0, 1, "City 000");
  await ada.find('[role="rowheader"]').first().getByText("300", { exact: true }).waitFor();
  await standsAt(ada, "city, row 300");
  await ada.find('[data-head="1"][aria-sort="ascending"]').waitFor();
  await inGrid(ada);
  await look("sorted");
}

/** The button of a column leads to the dialog of a condition, which ignores the case of letters. */
async function filtered(ada, look) {
  await ada.at("table-menu-0").click();
  await ada.at("menu-filter").click();
  await ada.at("filter-dialog").waitFor();
  await ada.at("filter-first").waitFor();
  await look("filter");
  await ada.at("filter-first").fill("tx");
  await ada.press("Enter");
  await gone(ada, "filter-dialog");
  await chips(ada, "state is tx", "by city, A to Z");
  await counts(ada, "100 of 300 rows");
  await seesRows(ada, 100);
  await sees(ada, 0, 0, "TX");
  await inGrid(ada);
  await look("filtered");
}

/** What does not compare with the numbers of a column is named, and a range is two conditions. */
async function between(ada, look) {
  await ada.press("ArrowRight");
  await menuByKey(ada);
  await ada.at("menu-filter").click();
  await ada.at("filter-test").click();
  await ada.page.getByRole("option", { name: "is between", exact: true }).click();
  await ada.at("filter-first").fill("many");
  await ada.at("filter-second").fill("90");
  await ada.at("filter-apply").click();
  await ada.at("filter-dialog").getByText("Enter a number.", { exact: true }).waitFor();
  await look("refused");
  await ada.at("filter-first").fill("30");
  await ada.at("filter-apply").click();
  await counts(ada, `${BETWEEN} of 300 rows`);
  await chips(ada, "state is tx", "price is at least 30", "price is at most 90", "by city, A to Z");
  await seesRows(ada, BETWEEN);
}

/** The values of the rows that match, and those of the whole column. */
async function counted(ada, look) {
  await ada.at("table-menu-0").click();
  await ada.at("menu-values").click();
  await ada.at("summary-rows").getByText(String(BETWEEN), { exact: true }).waitFor();
  equal(await ada.at("summary-value").count(), 1, "states of the rows that match");
  await look("values");
  await ada.press("Escape");
  await gone(ada, "summary-dialog");
  await ada.at("query-clear").click();
  await gone(ada, "query-bar");
  await seesRows(ada, ROWS);
  await sees(ada, 0, 1, "City 299");
  await menuByKey(ada);
  await ada.at("menu-values").click();
  await ada.at("summary-empty").getByText("6 (2%)", { exact: true }).waitFor();
  await ada.at("summary-chart").waitFor();
  await look("distribution");
  await ada.press("Escape");
  await gone(ada, "summary-dialog");
  await inGrid(ada);
}

/** A click on a value filters the rows by it. */
async function chosen(ada) {
  await ada.at("table-menu-0").click();
  await ada.at("menu-values").click();
  await ada.at("summary-value").filter({ hasText: CA }).click();
  await gone(ada, "summary-dialog");
  await chips(ada, `state is ${CA}`);
  await counts(ada, "100 of 300 rows");
  await sees(ada, 0, 0, CA);
}

/** The address keeps the query over a reload, and the browser goes back to the table and forward to the rows. */
async function kept(ada) {
  await ada.page.reload();
  await chips(ada, `state is ${CA}`);
  await counts(ada, "100 of 300 rows");
  await sees(ada, 0, 0, CA);
  await ada.page.goBack();
  await gone(ada, "query-bar");
  await seesRows(ada, ROWS);
  await ada.page.goForward();
  await chips(ada, `state is ${CA}`);
  await seesRows(ada, 100);
}

/** A condition is changed by its text; after the last part is removed, the focus is in the table. */
async function removed(ada) {
  await ada.at("query-chip").getByText(`state is ${CA}`, { exact: true }).click();
  equal(await ada.at("filter-first").inputValue(), CA, "the value of the condition");
  await ada.at("filter-first").fill("NY");
  await ada.at("filter-apply").click();
  await chips(ada, "state is NY");
  await sees(ada, 0, 0, "NY");
  await ada.page.getByRole("button", { name: "Remove: state is NY" }).click();
  await gone(ada, "query-bar");
  await seesRows(ada, ROWS);
  await inGrid(ada);
}

/** Without the server the rows of before stay, and the reason stands above them. */
async function away(ada, look) {
  const views = "**/gridloom.v1.TableService/MakeView";
  const release = await ada.intercept(views, (route) => route.abort());
  await ada.press("Control+Home");
  await menuByKey(ada);
  await ada.at("sort-descending").click();
  await ada.at("query-problem").getByText("can't be reached").waitFor();
  await sees(ada, 0, 1, "City 299");
  await look("away");
  await release();
  await ada.at("query-again").click();
  await counts(ada, "300 of 300 rows");
  await sees(ada, 0, 0, "TX");
  await chips(ada, "by state, Z to A");
}
