// Codes at the speed of a barcode scanner, on a busy machine: each one is in its cell.
import { Worker } from "node:worker_threads";
import { equal, withBrowsers } from "../browser.mjs";

const CODES = 20;
/** Milliseconds between two keys. */
const GAPS = [0, 5, 10];

/** Keeps one core of the machine busy until it is stopped. */
function busy() {
  return new Worker("for (;;) Math.sqrt(Math.random());", { eval: true });
}

export function scanner(target) {
  return withBrowsers(1, async (ada) => {
    await ada.signUp(target);
    await ada.createSheet("Deliveries");
    await ada.click(0, 0);
    const loads = [busy(), busy()];
    try {
      for (const gap of GAPS) {
        const code = (row) => `g${gap}-${String(row).padStart(3, "0")}`;
        for (let row = 0; row < CODES; row++) {
          await ada.page.keyboard.type(code(row), { delay: gap });
          await ada.page.keyboard.press("Enter");
        }
        const wanted = Array.from({ length: CODES }, (_, row) => code(row));
        // All earlier codes were typed before the last one.
        await ada.sees(CODES - 1, 0, code(CODES - 1));
        const seen = await Promise.all(wanted.map((_, row) => ada.cell(row, 0)));
        equal(seen, wanted, `codes with ${gap} ms between keys`);
        await ada.press("Control+Home");
      }
      // The editor is open for a moment before the rest of the text and Enter follow without a pause.
      for (let row = 0; row < CODES; row++) {
        await ada.page.keyboard.type("a");
        await ada.editor("typing").waitFor();
        await ada.page.keyboard.type(`b${row}`);
        await ada.page.keyboard.press("Enter");
      }
      for (let row = 0; row < CODES; row++) await ada.sees(row, 0, `ab${row}`);
    } finally {
      for (const load of loads) await load.terminate();
    }
    ada.check();
    return {};
  });
}
