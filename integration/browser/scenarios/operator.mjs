// The page of workers: an operator reaches it by the menu of the account, and sees the server and the jobs of all accounts. Another
// account sees what the page is for.
//
// --email and --password are those of an account with the right of an operator. GRIDLOOM_SHOTS=DIR stores a screenshot of each.
import { accessible } from "../axe.mjs";
import { equal, withBrowsers } from "../browser.mjs";

const SIZES = { desk: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };

export function operator(target) {
  const { scheme = "light", size = "desk" } = target;
  return withBrowsers(2, async (ada, ben) => {
    for (const person of [ada, ben]) {
      await person.page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
      await person.page.setViewportSize(SIZES[size]);
    }
    const look = (person, name) => accessible(person.page, `operator-${name}-${scheme}-${size}`);
    const email = `ben-${process.pid}-${Date.now()}@example.org`;
    await ben.signUp({ ...target, email });
    await works(ben, target);
    await refused(ben, target, look);
    await ada.signIn(target);
    await ada.at("account").click();
    await ada.at("workers-open").click();
    await workers(ada, look);
    await jobs(ada, email, look);
    for (const person of [ada, ben]) person.check();
    return {};
  });
}

/** A job of another account: a file is read. */
async function works(ben, target) {
  await ben.page.goto(new URL("/files", target.url).href);
  const file = { name: "stock.csv", mimeType: "text/csv", buffer: Buffer.from("a,b\n1,2\n") };
  await ben.at("upload-files").setInputFiles(file);
  const done = ben.find('[data-testid="transfer"][data-state="done"]');
  await done.getByTestId("file-open").click();
  await ben.at("file-read-start").click();
  await ben.at("table-grid").waitFor();
}

/** The menu of an account without the right has no such item, and the page no data. */
async function refused(ben, target, look) {
  await ben.at("account").click();
  await ben.at("jobs-open").waitFor();
  equal(await ben.at("workers-open").count(), 0, "items that lead to the workers");
  await ben.press("Escape");
  await ben.page.goto(new URL("/workers", target.url).href);
  await ben.at("not-operator").waitFor();
  await look(ben, "refused");
}

async function workers(ada, look) {
  await ada.at("workers-page").waitFor();
  await ada.at("worker-row").filter({ hasText: "Server" }).first().waitFor();
  await ada.at("job-row").first().waitFor();
  // An id has no place to break of its own.
  const name = await ada.page.locator(".worker-name").first().boundingBox();
  const isOnScreen = name.x + name.width < ada.page.viewportSize().width;
  equal(isOnScreen, true, "the name of a worker is no wider than the screen");
  await look(ada, "workers");
}

/** The jobs of one account, and the steps of one of them. */
async function jobs(ada, email, look) {
  await ada.at("all-jobs-email").fill(email);
  await ada.at("job-row").filter({ hasText: email }).first().waitFor();
  await ada.page.waitForFunction((email) => {
    const rows = [...document.querySelectorAll('[data-testid="job-row"]')];
    return rows.length > 0 && rows.every(({ textContent }) => textContent.includes(email));
  }, email);
  await ada.at("all-jobs-state").click();
  await ada.page.getByRole("option").filter({ hasText: "Done" }).click();
  await ada.find('[data-testid="job-row"][data-state="DONE"]').first().waitFor();
  const plan = ada.at("job-plan").first();
  await plan.locator("summary").click();
  await plan.locator("table, p").first().waitFor();
  await look(ada, "jobs");
  await ada.at("all-jobs-email").fill("unknown@example.org");
  await ada.at("no-jobs").waitFor();
}
