// Each gesture is one edit, and one undo takes it back: pastes that add rows and columns, fills, deletes of
// several runs, renames.
import { equal, withBrowsers } from "../browser.mjs";

export function gestures(target) {
  return withBrowsers(1, async (ada) => {
    await ada.context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await ada.signUp(target);
    await ada.createSheet("Gestures");
    await ada.at("history-open").click();
    const newest = () =>
      ada.page.evaluate(
        () => document.querySelector('[data-testid="change"]')?.dataset.revision ?? "0",
      );
    let revision = 0;
    /** Runs `what`, and waits until the history has exactly one more change. */
    const once = async (what) => {
      await what();
      revision++;
      await ada.page.locator(`[data-testid="change"][data-revision="${revision}"]`).waitFor();
      await ada.status("saved", 0);
      equal(await newest(), String(revision), "the newest change");
    };
    const undo = () => once(() => ada.press("Control+z"));

    await once(() => pasteBeyond(ada));
    await ada.seesRows(102);
    equal(await columns(ada), "6", "columns");
    await undo();
    await ada.seesRows(100);
    equal(await columns(ada), "5", "columns");

    await ada.press("Control+Home");
    await once(() => ada.keys("filled", "Enter"));
    await once(() => fillDown(ada));
    await ada.sees(9, 0, "filled");
    await undo();
    await ada.sees(9, 0, "");
    await ada.sees(1, 0, "");
    await ada.sees(0, 0, "filled");

    await once(() => deleteRuns(ada));
    await ada.seesRows(97);
    await undo();
    await ada.seesRows(100);

    await once(() => rename(ada));
    await ada.page.locator("th", { hasText: "Alpha" }).waitFor({ state: "attached" });
    await undo();
    await ada.page.locator("th", { hasText: "Alpha" }).waitFor({ state: "detached" });
    await escapes(ada);
    ada.check();
    return {};
  });
}

function columns(ada) {
  return ada.at("size").getAttribute("data-columns");
}

async function pasteBeyond(ada) {
  await ada.page.evaluate(() => navigator.clipboard.writeText("a\tb\nc\td\ne\tf"));
  await ada.press("Control+End");
  await ada.press("Control+v");
  await ada.sees(99, 4, "a");
}

async function fillDown(ada) {
  await ada.press("Control+Home");
  for (let i = 0; i < 9; i++) await ada.press("Shift+ArrowDown");
  await ada.press("Control+d");
}

async function deleteRuns(ada) {
  const grid = await ada.at("grid").boundingBox();
  for (const row of [2, 5, 8]) {
    const { y } = await ada.point(row, 0);
    await ada.page.keyboard.down("Control");
    await ada.page.mouse.click(grid.x + 28, y);
    await ada.page.keyboard.up("Control");
  }
  await ada.press("Control+Alt+-");
}

async function header(ada, col) {
  const grid = await ada.at("grid").boundingBox();
  return { x: (await ada.point(0, col)).x, y: grid.y + 14 };
}

async function rename(ada) {
  const { x, y } = await header(ada, 0);
  await ada.page.mouse.dblclick(x, y);
  await ada.at("header-edit").fill("Alpha");
  await ada.press("Enter");
}

/** Escape cancels a rename, and a double click on a border renames nothing. */
async function escapes(ada) {
  const { x, y } = await header(ada, 0);
  await ada.page.mouse.dblclick(x, y);
  await ada.at("header-edit").fill("Oops");
  await ada.press("Escape");
  await ada.at("header-edit").waitFor({ state: "detached" });
  await ada.keys("ArrowDown");
  equal(await ada.page.locator("th", { hasText: "Oops" }).count(), 0, "columns named by Escape");
  await ada.page.mouse.dblclick(x + 100, y, { delay: 40 });
  await ada.status("saved", 0);
  equal(await ada.at("header-edit").count(), 0, "boxes opened by a double click on a border");
}
