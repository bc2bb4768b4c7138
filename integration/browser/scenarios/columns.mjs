// The settings of columns: a list that refuses other texts, several of a list, money, check boxes, and links.
//
// GRIDLOOM_SHOTS=DIR stores screenshots.
import { accessible } from "../axe.mjs";
import { equal, withBrowsers } from "../browser.mjs";

export function columns(target) {
  return withBrowsers(1, async (ada) => {
    await ada.signUp(target);
    await ada.createSheet("Orders");
    await list(ada);
    await refusals(ada);
    await several(ada);
    await typedOptions(ada);
    await money(ada);
    await checkBoxes(ada);
    await links(ada, target);
    ada.check();
    return {};
  });
}

async function shot(ada, name) {
  const folder = process.env.GRIDLOOM_SHOTS;
  if (folder !== undefined) await ada.page.screenshot({ path: `${folder}/columns-${name}.png` });
}

async function menu(ada, col) {
  const { x, y } = await ada.point(0, col);
  await ada.page.mouse.click(x, y - 32, { button: "right" });
}

/** Opens the settings of a column by its menu. */
async function settings(ada, col) {
  await menu(ada, col);
  await ada.page.getByTestId("column-settings").click();
  await ada.page.getByTestId("column-save").waitFor();
}

async function select(ada, id, label) {
  await ada.page.getByTestId(id).click();
  await ada.page.getByRole("option", { name: label }).first().click();
}

async function save(ada) {
  await ada.page.getByTestId("column-save").click();
  await ada.page.getByTestId("column-dialog").waitFor({ state: "detached" });
}

/** A list without options asks for them; a typed part of an option finds it. */
async function list(ada) {
  await menu(ada, 0);
  await ada.page.getByTestId("kind").click();
  await ada.page.getByTestId("submenu").getByText("One of a list", { exact: true }).click();
  await ada.page.getByTestId("option-new").fill("Open");
  await ada.press("Enter");
  await ada.page.getByTestId("option-new").fill("Done");
  await ada.press("Enter");
  equal(await ada.page.getByTestId("option").count(), 2, "options");
  await ada.page.getByTestId("column-refuse").check();
  await accessible(ada.page, "the dialog of a column");
  await save(ada);
  await ada.click(0, 0);
  await ada.keys("do");
  await ada.page.getByRole("option", { name: "Done" }).waitFor();
  await shot(ada, "list");
  await ada.keys("Enter");
  await ada.sees(0, 0, "Done");
}

/** What the column refuses stays in the editor, with the reason; the list works by keys alone. */
async function refusals(ada) {
  await ada.typeAndStay(1, 0, "maybe");
  await ada.keys("Enter");
  const alert = ada.page
    .getByRole("alert")
    .filter({ hasText: "expected one of the column's options" });
  await alert.waitFor();
  await accessible(ada.page, "a refused text");
  await ada.click(3, 1);
  equal(await ada.at("cell-entry").inputValue(), "maybe", "the text after a click elsewhere");
  await ada.keys("Escape", "Enter", "ArrowDown", "Enter");
  await ada.sees(1, 0, "Open");
}

/** Several options are checked with the space bar. */
async function several(ada) {
  await settings(ada, 1);
  await select(ada, "column-kind", "Several of a list");
  await ada.page.getByTestId("option-new").fill("red");
  await ada.keys("Enter", "green", "Enter");
  await save(ada);
  await ada.click(0, 1);
  await ada.keys("Enter", "ArrowDown", " ", "ArrowDown", " ");
  await ada.page.getByRole("option", { name: "green", selected: true }).waitFor();
  await shot(ada, "several");
  await ada.keys("Enter");
  await ada.sees(0, 1, "red, green");
}

/** A text that is an option ends the edit in any letter case: the next one is of the next cell. */
async function typedOptions(ada) {
  await ada.click(3, 1);
  await ada.keys("RED", "Enter", "green, Red", "Enter");
  await ada.sees(3, 1, "red");
  await ada.sees(4, 1, "green, red");
}

/** A cell shows the form of its column; the editor has the number. */
async function money(ada) {
  await settings(ada, 2);
  await select(ada, "column-kind", "Number");
  await select(ada, "column-unit", "Money");
  await ada.page.getByTestId("column-currency").fill("€");
  await ada.page.getByTestId("column-decimals").fill("2");
  await ada.page.getByTestId("column-thousands").check();
  await select(ada, "column-locale", /^German/);
  await ada.page.getByTestId("column-example").getByText("1.234,50").waitFor();
  await shot(ada, "money");
  await save(ada);
  await ada.type(0, 2, "1234,5");
  await ada.sees(0, 2, "1.234,50\u00a0€");
  await ada.click(0, 2);
  await ada.keys("F2");
  equal(await ada.at("cell-entry").inputValue(), "1234,5", "the number in the editor");
  await ada.keys("Escape");
}

/** An empty cell is neither yes nor no. */
async function checkBoxes(ada) {
  await settings(ada, 4);
  await select(ada, "column-kind", "Checkbox");
  await save(ada);
  await ada.click(0, 3);
  await ada.keys("ArrowRight");
  await ada.standsAt("E, row 1");
  await ada.sees(0, 4, "");
  for (const answer of ["true", "false"]) {
    await ada.press(" ");
    await ada.sees(0, 4, answer);
  }
  await ada.sees(1, 4, "");
  await shot(ada, "check-boxes");
}

async function links(ada, { url }) {
  await settings(ada, 3);
  await select(ada, "column-kind", "Link");
  await save(ada);
  const address = new URL("/sign-in", url).href;
  await ada.type(0, 3, address);
  const opens = async (act) => {
    const [page] = await Promise.all([ada.context.waitForEvent("page"), act()]);
    await page.waitForURL((now) => now.href.startsWith(new URL(url).origin));
    await page.close();
  };
  await opens(async () => {
    await ada.page.keyboard.down("Control");
    await ada.click(0, 3);
    await ada.page.keyboard.up("Control");
  });
  // Another click on the same cell would open it.
  await ada.click(1, 3);
  await ada.keys("ArrowUp");
  await ada.standsAt("D, row 1");
  await opens(() => ada.press("Alt+Enter"));
  await opens(() => ada.at("open-link").click());
  await shot(ada, "link");
}
