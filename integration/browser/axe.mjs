// Checks a page for barriers with axe, and stores a screenshot of it.
//
// Invariant: what axe calls serious or critical fails the scenario, with the elements in the message.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(new URL("../../web-client/package.json", import.meta.url));
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
/** A directory for screenshots; without it, none is stored. */
const SHOTS = process.env.GRIDLOOM_SHOTS;
const FAILS = ["serious", "critical"];

/** An animation that ends within this time would change the page while axe looks at it. */
const ENDS_MILLIS = 2_000;

/** Ends the animations that are about to end, such as that of a name tag which becomes small. */
function endAnimations(millis) {
  for (const animation of document.getAnimations()) {
    const { endTime } = animation.effect.getComputedTiming();
    if (endTime - animation.currentTime < millis) animation.finish();
  }
}

/** Fails when the page has a serious barrier. `name` is that of the state, and of its screenshot. */
export async function accessible(page, name) {
  if (SHOTS !== undefined) {
    mkdirSync(SHOTS, { recursive: true });
    await page.screenshot({ path: join(SHOTS, `${name}.png`) });
  }
  await page.evaluate(AXE);
  await page.evaluate(endAnimations, ENDS_MILLIS);
  const found = await page.evaluate(async () => {
    // The library's guards at the edges of a menu pass the focus on; they never keep it.
    const where = { exclude: ["[data-base-ui-focus-guard]"] };
    const { violations } = await globalThis.axe.run(where, { resultTypes: ["violations"] });
    return violations.map(({ id, impact, help, nodes }) => ({
      id,
      impact,
      help,
      nodes: nodes.map(({ html, failureSummary }) => `${html} ${failureSummary ?? ""}`),
    }));
  });
  const bad = found.filter(({ impact }) => FAILS.includes(impact));
  if (bad.length > 0) throw new Error(`${name}: ${JSON.stringify(bad, null, 1)}`);
}
