// An input method begins on a cell that is only selected, and uses the Enter that confirms a conversion.
import { equal, withBrowsers } from "../browser.mjs";

export function composing(target) {
  return withBrowsers(1, async (ada) => {
    await ada.signUp(target);
    await ada.createSheet("入力");
    const keys = await ada.context.newCDPSession(ada.page);
    const compose = (text) =>
      keys.send("Input.imeSetComposition", {
        text,
        selectionStart: text.length,
        selectionEnd: text.length,
      });
    /** A key that the input method uses, as browsers report it. */
    const taken = (key) =>
      keys.send("Input.dispatchKeyEvent", { type: "rawKeyDown", windowsVirtualKeyCode: 229, key });

    await ada.click(1, 0);
    await ada.keys("old", "Enter");
    await ada.click(1, 0);
    // The composition begins on the selected cell, which is not open.
    for (const text of ["に", "にほ", "日本"]) await compose(text);
    await ada.editor("typing").waitFor();
    await taken("Enter");
    await keys.send("Input.insertText", { text: "日本" });
    equal(await ada.at("cell-entry").inputValue(), "日本", "the text after the conversion");
    equal(await ada.at("cell-entry").getAttribute("data-mode"), "typing", "the editor");
    await compose("ご");
    await keys.send("Input.insertText", { text: "語" });
    await ada.press("Enter");
    await ada.sees(1, 0, "日本語");
    await ada.standsAt("A, row 3");

    // Arrow keys choose a conversion, and Escape cancels it.
    await compose("か");
    for (const key of ["ArrowDown", "ArrowUp", "Tab", "Escape"]) await taken(key);
    await keys.send("Input.insertText", { text: "火" });
    await ada.press("Tab");
    await ada.sees(2, 0, "火");
    await ada.standsAt("B, row 3");
    ada.check();
    return {};
  });
}
