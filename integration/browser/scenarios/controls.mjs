// The parts of `ui` by keyboard: the focus moves into each dialog and menu before the next key, stays there, and
// returns to where it was. Needs no server.
import { accessible } from "../axe.mjs";
import { equal, withBrowsers } from "../browser.mjs";
import { openGallery } from "../gallery.mjs";

export function controls() {
  return withBrowsers(1, async (ada) => {
    await openGallery(ada.page);
    await ada.at("last").waitFor();
    await dialogs(ada);
    await menus(ada);
    await panels(ada);
    await places(ada);
    await above(ada);
    await selects(ada);
    await messages(ada);
    await looks(ada);
    ada.check();
    return {};
  });
}

/** Waits until an element has the focus. */
function focused(person, id) {
  return person.at(id).and(person.page.locator(":focus")).waitFor();
}

/** Waits until an item of a menu or a list is the one that Enter chooses. */
function highlighted(person, name) {
  return person.page.locator("[data-highlighted]:focus").filter({ hasText: name }).waitFor();
}

async function gone(person, id) {
  await person.at(id).waitFor({ state: "detached" });
}

async function last(person, wanted) {
  await person.at("last").getByText(wanted, { exact: true }).waitFor();
}

async function dialogs(ada) {
  // The keys follow without a pause.
  await ada.at("open-prompt").focus();
  await ada.keys("Enter", "New name", "Enter");
  await last(ada, "New name");
  await gone(ada, "prompt");
  await focused(ada, "open-prompt");

  await ada.press("Enter", "Delete", "Enter");
  await ada.page.getByText("Give a name.").waitFor();
  equal(await ada.at("prompt-input").getAttribute("aria-invalid"), "true", "the empty field");
  await ada.press("Escape");
  await gone(ada, "prompt");
  await focused(ada, "open-prompt");

  // The focus stays inside a dialog, in both directions.
  await ada.at("open-dialog").focus();
  await ada.press("Enter");
  await ada.at("sharing").waitFor();
  for (const key of ["Tab", "Shift+Tab"])
    for (let i = 0; i < 12; i++) {
      await ada.press(key);
      await ada.page.waitForFunction(
        () => document.activeElement?.closest('[data-testid="sharing"]') !== null,
      );
    }
  // A click beside it keeps what is typed.
  await ada.page.mouse.click(5, 5);
  await ada.at("sharing").waitFor();
  await ada.press("Escape");
  await gone(ada, "sharing");
  await focused(ada, "open-dialog");
}

/** A panel takes the focus, and returns it to its button; a click elsewhere closes it, too. */
async function panels(ada) {
  await ada.at("open-panel").focus();
  await ada.keys("Enter", "Tab", "Enter");
  await last(ada, "Notices");
  await accessible(ada.page, "panel");
  await ada.press("Escape");
  await gone(ada, "panel");
  await focused(ada, "open-panel");
  await ada.at("open-panel").click();
  await ada.at("panel").waitFor();
  await ada.page.mouse.click(5, 5);
  await gone(ada, "panel");
}

async function menus(ada) {
  await ada.at("more").focus();
  await ada.press("Enter");
  await highlighted(ada, "Copy");
  // The first letters move to an item.
  await ada.keys("de");
  await highlighted(ada, "Delete");
  await ada.press("Home");
  await highlighted(ada, "Copy");
  await ada.press("ArrowUp");
  await highlighted(ada, "Delete");
  await ada.press("Escape");
  await gone(ada, "menu");
  await focused(ada, "more");

  // A submenu opens and closes by arrow keys, and Escape closes it alone.
  await ada.press("ArrowDown");
  await highlighted(ada, "Copy");
  await ada.keys("k");
  await highlighted(ada, "Kind");
  await ada.press("ArrowRight");
  await highlighted(ada, "Text");
  await ada.press("ArrowLeft");
  await gone(ada, "submenu");
  await highlighted(ada, "Kind");
  await ada.press("ArrowRight");
  await highlighted(ada, "Text");
  await ada.press("Escape");
  await gone(ada, "submenu");
  await highlighted(ada, "Kind");
  await ada.press("ArrowRight");
  await highlighted(ada, "Text");
  const checked = ada.page.locator('[role=menuitemradio][aria-checked="true"]');
  equal(await checked.textContent(), "Number", "the checked item");
  await ada.press("End");
  await highlighted(ada, "Date");
  await ada.press("Enter");
  await last(ada, "Date");
  await gone(ada, "menu");
  await focused(ada, "more");

  // A disabled item does nothing.
  await ada.press("Enter");
  await ada.keys("cu");
  await highlighted(ada, "Cut");
  await ada.press("Enter");
  await last(ada, "Date");
  // The dialog of an item returns the focus to the button of the menu.
  await ada.press("ArrowDown");
  await highlighted(ada, "Rename");
  await ada.press("Enter");
  await ada.keys("From the menu", "Enter");
  await last(ada, "From the menu");
  await focused(ada, "more");
  // Tab closes a menu, and a second click on its button does, too.
  await ada.press("Enter");
  await highlighted(ada, "Copy");
  await ada.press("Tab");
  await gone(ada, "menu");
  await ada.at("more").click();
  await ada.at("menu").waitFor();
  await ada.at("more").click();
  await gone(ada, "menu");
  // A field that is clicked while a menu is open keeps the focus.
  await ada.at("more").click();
  await ada.at("menu").waitFor();
  await ada.at("email").click();
  await gone(ada, "menu");
  await focused(ada, "email");
}

async function places(ada) {
  for (const key of ["ContextMenu", "Shift+F10"]) {
    await ada.at("place").focus();
    await ada.press(key);
    await ada.at("menu").waitFor();
    await ada.press("ArrowDown", "ArrowDown", "Enter");
    await last(ada, "Paste");
    await gone(ada, "menu");
    await focused(ada, "place");
    await ada.press(key);
    await ada.at("menu").waitFor();
    await ada.press("Escape");
    await gone(ada, "menu");
    await focused(ada, "place");
  }
}

/** What opens inside a dialog lies above it, and Escape closes one layer. */
async function above(ada) {
  await ada.at("open-dialog").click();
  const dialog = ada.at("sharing");
  await ada.at("inside").click();
  await ada.at("Paste").click();
  await last(ada, "Paste");
  await focused(ada, "inside");
  await ada.at("inside").click();
  await ada.at("menu").waitFor();
  await ada.press("Escape");
  await gone(ada, "menu");
  await dialog.waitFor();
  await focused(ada, "inside");
  await dialog.getByTestId("role").click();
  await ada.page.getByRole("option", { name: "Editor" }).click();
  await dialog.getByTestId("role").getByText("Editor").waitFor();
  // A dialog above a dialog: Escape closes it alone, and the focus is back inside.
  await ada.at("inside").click();
  await ada.at("Rename").click();
  await ada.at("prompt").waitFor();
  await ada.press("Escape");
  await gone(ada, "prompt");
  await dialog.waitFor();
  await focused(ada, "inside");
  await ada.press("Escape");
  await gone(ada, "sharing");
  await focused(ada, "open-dialog");
}

async function selects(ada) {
  const role = ada.at("role").first();
  await role.focus();
  await ada.press("Enter");
  await highlighted(ada, "Viewer");
  await ada.press("ArrowDown", "Enter");
  await role.getByText("Commenter").waitFor();
  await focused(ada, "role");
  await ada.keys("e");
  await role.getByText("Editor").waitFor();
  await ada.at("tab-people").focus();
  await ada.press("ArrowRight", "Enter");
  await ada.page.getByText("No links.").waitFor();
}

async function messages(ada) {
  for (let i = 0; i < 3; i++) await ada.at("toast").click();
  const one = ada.at("toast-info").filter({ hasText: "One message." });
  await ada.page.waitForFunction(
    () => document.querySelectorAll('[data-testid="toast-info"]').length === 1,
  );
  await one.getByLabel("Dismiss").click();
  await one.waitFor({ state: "detached" });
  // Many messages do not remove one that stays.
  await ada.at("toast-stays").click();
  await ada.at("errors").click();
  await ada.at("toast-error").filter({ hasText: "Error 6." }).waitFor();
  await ada.page.waitForFunction(
    () => document.querySelectorAll('[data-testid="toast-error"]').length === 3,
  );
  await ada.at("toast-info").filter({ hasText: "kept text" }).waitFor();
}

async function looks(ada) {
  for (const colorScheme of ["light", "dark"]) {
    await ada.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await accessible(ada.page, `controls-${colorScheme}`);
    await ada.at("more").hover();
    await ada.page.locator(".tooltip").waitFor();
    await ada.at("more").click();
    await ada.at("Kind").hover();
    await ada.at("submenu").waitFor();
    await accessible(ada.page, `controls-menu-${colorScheme}`);
    await ada.press("Escape", "Escape");
    await gone(ada, "menu");
    await ada.at("open-dialog").click();
    await ada.at("sharing").waitFor();
    await accessible(ada.page, `controls-dialog-${colorScheme}`);
    await ada.at("sharing").getByTestId("role").click();
    await ada.page.getByRole("option", { name: "Editor" }).waitFor();
    await accessible(ada.page, `controls-select-${colorScheme}`);
    await ada.press("Escape");
    await ada.page.getByRole("option", { name: "Editor" }).waitFor({ state: "detached" });
    await ada.press("Escape");
    await gone(ada, "sharing");
  }
}
