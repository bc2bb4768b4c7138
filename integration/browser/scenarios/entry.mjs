// Typing works as in other spreadsheets: Tab and Enter, arrows, F2, Escape, clicks and newlines.
import { equal, withBrowsers } from "../browser.mjs";

export function entry(target) {
  return withBrowsers(1, async (ada) => {
    await ada.signUp(target);
    await ada.createSheet("Habits");
    // In a new sheet, the first key types into the first cell.
    await ada.keys("one", "Tab", "two", "Tab", "three", "Enter", "four", "Enter");
    for (const [col, text] of ["one", "two", "three"].entries()) await ada.sees(0, col, text);
    await ada.sees(1, 0, "four");
    await ada.standsAt("A, row 3");

    await lastColumn(ada);
    await carets(ada);
    await clicks(ada);
    await newlines(ada);
    await newRow(ada);
    ada.check();
    return {};
  });
}

/** Tab in the last column continues in the next row; Enter returns to the column where the Tabs began. */
async function lastColumn(ada) {
  const columns = Number(await ada.at("size").getAttribute("data-columns"));
  await ada.click(4, columns - 1);
  await ada.keys("d5", "Tab", "a6", "Tab", "b6", "Enter");
  await ada.sees(4, columns - 1, "d5");
  await ada.sees(5, 0, "a6");
  await ada.sees(5, 1, "b6");
  await ada.press("Shift+Tab", "Shift+Tab");
  await ada.click(7, 1);
  await ada.keys("up", "Shift+Enter");
  await ada.standsAt("B, row 7");
  await ada.keys("left", "Shift+Tab");
  await ada.standsAt("A, row 7");
  await ada.sees(7, 1, "up");
  await ada.sees(6, 1, "left");
}

async function carets(ada) {
  // Arrow keys commit a typed text and move the cursor.
  await ada.click(9, 0);
  await ada.keys("abc", "ArrowDown", "def", "ArrowRight", "ghi", "ArrowUp");
  await ada.standsAt("B, row 10");
  await ada.sees(9, 0, "abc");
  await ada.sees(10, 0, "def");
  await ada.sees(10, 1, "ghi");
  // F2 and Enter open a cell with the caret at the end, and arrow keys move the caret.
  await ada.click(9, 0);
  await ada.keys("F2", "X", "ArrowLeft", "Y", "Enter");
  await ada.sees(9, 0, "abcYX");
  await ada.click(9, 0);
  await ada.keys("Enter", "!", "Enter");
  await ada.sees(9, 0, "abcYX!");
  // Escape cancels the edit, and the cursor stays.
  await ada.click(9, 0);
  await ada.keys("gone", "Escape", "Escape", "Escape", "ArrowDown");
  await ada.standsAt("A, row 11");
  await ada.sees(9, 0, "abcYX!");
}

async function clicks(ada) {
  // A click on the cursor's cell does not open it, even soon after another click.
  await ada.click(9, 0);
  await ada.press("ArrowDown");
  await ada.click(10, 0);
  equal(await ada.at("cell-entry").getAttribute("data-mode"), "ready", "after a click elsewhere");
  // Long after the time for a double click.
  await ada.page.evaluate(() => {
    const now = performance.now();
    Object.defineProperty(performance, "now", { value: () => now + 60_000 });
  });
  await ada.click(10, 0);
  equal(await ada.at("cell-entry").getAttribute("data-mode"), "ready", "after a click");
  await ada.keys("typed over", "Enter");
  await ada.sees(10, 0, "typed over");
  // A double click puts the caret at the mouse.
  const { x, y } = await ada.point(9, 0);
  for (const [place, text] of [
    [x + 80, "abcYX!?"],
    [x - 36, "?abcYX!?"],
  ]) {
    await ada.page.mouse.dblclick(place, y);
    await ada.editor().waitFor();
    await ada.keys("?", "Enter");
    await ada.sees(9, 0, text);
  }
}

async function newlines(ada) {
  await ada.click(12, 0);
  await ada.keys("first", "Alt+Enter", "second", "Control+Enter", "third", "Enter");
  await ada.sees(12, 0, "first\nsecond\nthird");
  await ada.standsAt("A, row 14");
}

/** Typing below the last row appends a row; one undo removes the row and the text. */
async function newRow(ada) {
  const rows = Number(await ada.at("size").getAttribute("data-rows"));
  await ada.press("Control+End", "Home", "ArrowDown");
  await ada.keys("hey", "Tab", "you", "Enter");
  await ada.seesRows(rows + 1);
  await ada.sees(rows, 0, "hey");
  await ada.sees(rows, 1, "you");
  await ada.status("saved", 0);
  await ada.press("Control+z", "Control+z");
  await ada.seesRows(rows);
}
