// Drags, fills and offers follow their rows and columns while others insert, move and delete.
import { withBrowsers } from "../browser.mjs";

export function places(target) {
  return withBrowsers(2, async (ada, ben) => {
    await ada.signUp(target);
    await ada.createSheet("Held");
    await ben.signIn(target);
    await ben.page.goto(ada.page.url());
    await ben.ready();
    await ada.click(0, 0);
    for (let row = 1; row <= 8; row++) await ada.keys(`r${row}`, "Enter");
    await ben.sees(7, 0, "r8");

    await drag(ada, ben);
    await deletedInDrag(ada, ben);
    await fill(ada, ben);
    await offer(ada, ben);
    for (const person of [ada, ben]) person.check();
    return {};
  });
}

async function number(person, row) {
  const grid = await person.at("grid").boundingBox();
  return { x: grid.x + 28, y: (await person.point(row, 0)).y };
}

/** Begins to drag a row by its number; returns a function that drops it at another row. */
async function take(person, row) {
  const { mouse } = person.page;
  const from = await number(person, row);
  await mouse.move(from.x, from.y);
  await mouse.down();
  await mouse.move(from.x, from.y + 24, { steps: 4 });
  return async (at) => {
    const to = await number(person, at);
    await mouse.move(to.x, to.y, { steps: 4 });
    await mouse.up();
  };
}

/** A row is inserted above while another is dragged: the dragged row is the one that moves. */
async function drag(ada, ben) {
  const drop = await take(ben, 1);
  await ada.choose(0, 0, "insert-above");
  // During a drag the cells show a preview; only the number of rows shows the insertion.
  await ben.seesRows(101);
  await drop(6);
  await ada.sees(6, 0, "r2");
  await ada.sees(1, 0, "r1");
  await ada.sees(2, 0, "r3");
}

async function deletedInDrag(ada, ben) {
  const drop = await take(ben, 2);
  await ada.choose(2, 0, "delete-rows");
  await ben.seesRows(100);
  await drop(5);
  await ben.at("toast-info").filter({ hasText: "This row was deleted" }).waitFor();
  await ada.sees(2, 0, "r4");
  await ada.sees(3, 0, "r5");
}

/** The source cells move while the handle is dragged: no cell is filled, and a notice reports that. */
async function fill(ada, ben) {
  await ben.click(2, 0);
  await ben.standsAt("A, row 3");
  const { x, y } = await ben.point(2, 0);
  const { mouse } = ben.page;
  // The handle is in the lower right corner of the cell.
  await mouse.move(x + 97, y + 14);
  await mouse.down();
  await mouse.move(x + 97, y + 80, { steps: 4 });
  await ada.choose(0, 0, "insert-above");
  await ben.sees(3, 0, "r4");
  await mouse.move(x + 97, y + 112, { steps: 4 });
  await mouse.up();
  await ben.at("toast-info").filter({ hasText: "Nothing was filled" }).waitFor();
  await ben.sees(4, 0, "r5");
  // The same without an interruption.
  const at = await ben.point(4, 0);
  await ben.click(4, 0);
  await ben.standsAt("A, row 5");
  await mouse.move(at.x + 97, at.y + 14);
  await mouse.down();
  await mouse.move(at.x + 97, at.y + 78, { steps: 6 });
  await mouse.up();
  await ada.sees(6, 0, "r5");
  await ada.sees(5, 0, "r5");
}

/** A lost value returns to its own cell, also when others have moved that cell. */
async function offer(ada, ben) {
  await ada.context.setOffline(true);
  await ada.status("offline");
  await ada.type(9, 1, "Ada's");
  await ada.status("offline", 1);
  await ben.type(9, 1, "Ben's");
  await ben.status("saved", 0);
  await ada.context.setOffline(false);
  await ben.sees(9, 1, "Ada's");
  const notice = ben.at("toast-info").filter({ hasText: "over your “Ben's”" });
  await notice.waitFor();
  await ada.choose(0, 0, "insert-above");
  await ben.sees(10, 1, "Ada's");
  await notice.getByTestId("toast-action").click();
  await ada.sees(10, 1, "Ben's");
  await ada.sees(9, 1, "");
}
