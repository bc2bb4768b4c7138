// Chromium and its user: the common part of all scenarios.
//
// Not a test.
// Invariants: cells are read from the grid's accessible table, as a screen reader does. Each wait ends with a
// condition, never after a fixed time.
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

// The scenarios use the packages of the application.
const require = createRequire(new URL("../../web-client/package.json", import.meta.url));
const { chromium } = require("playwright-core");

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const SHOTS = process.env.GRIDLOOM_SHOTS;
/** How many times slower the pages run than this machine: a scenario has to pass on a slow one, too. */
const SLOW = Number(process.env.GRIDLOOM_SLOW ?? 1);
/** Milliseconds by which each part of the application comes late. */
const LATE = Number(process.env.GRIDLOOM_LATE ?? 0);
/** Milliseconds until a condition that stays false fails the scenario. */
const PATIENCE = 20_000;
/** Milliseconds after which the person presses a key again. */
const AGAIN = 3_000;
/** For elements of the grid's accessible table, which are not visible. */
const HIDDEN = { state: "attached" };
const HEADER_PIXELS = 36;
const ROW_PIXELS = 32;

/**
 * Runs `play` with `count` separate browsers, and closes them in any case. `flags` are additional flags of the
 * browser.
 */
export async function withBrowsers(count, play, flags = []) {
  const closers = [];
  try {
    const people = [];
    for (let i = 0; i < count; i++) {
      const profile = await mkdtemp(join(tmpdir(), "gridloom-browser-"));
      closers.push(() => rm(profile, { recursive: true, force: true }));
      const context = await chromium.launchPersistentContext(profile, {
        executablePath: CHROMIUM,
        headless: true,
        args: [...FLAGS, ...flags],
        viewport: { width: 1280, height: 800 },
        acceptDownloads: true,
      });
      closers.push(() => context.close());
      context.setDefaultTimeout(PATIENCE * SLOW);
      if (SLOW > 1) await slowed(context);
      if (LATE > 0) await context.route("**/assets/*", late);
      people.push(new Person(context, context.pages()[0] ?? (await context.newPage())));
    }
    return await play(...people).catch((error) => failed(people, error));
  } finally {
    for (const close of closers.reverse()) await close().catch(() => undefined);
  }
}

/** Slows each page of a browser, those that open later as well. */
async function slowed(context) {
  const slow = async (page) => {
    const session = await context.newCDPSession(page);
    await session.send("Emulation.setCPUThrottlingRate", { rate: SLOW });
  };
  context.on("page", (page) => slow(page).catch(() => undefined));
  await Promise.all(context.pages().map(slow));
}

/** Answers a request after LATE, as a slow network does. */
async function late(route) {
  await new Promise((done) => setTimeout(done, LATE));
  await route.continue().catch(() => undefined);
}

/** Throws the error of a scenario, with what its persons see then; GRIDLOOM_SHOTS=DIR stores pictures of that, too. */
async function failed(people, error) {
  const seen = [];
  for (const { context, errors, refused, unanswered } of people) {
    for (const page of context.pages()) {
      const text = await page.innerText("body", { timeout: 2_000 }).catch(() => "no text");
      const address = new URL(page.url());
      seen.push({
        path: address.pathname,
        hash: address.hash.slice(0, 5),
        text: text.slice(0, 600),
      });
      if (SHOTS === undefined) continue;
      const path = join(SHOTS, `failed-${process.pid}-${seen.length}.png`);
      await page.screenshot({ path }).catch(() => undefined);
    }
    seen.push({ errors, refused: refused.slice(-5), unanswered: [...unanswered].map((it) => it.url()) });
  }
  error.message += `\nseen then: ${JSON.stringify(seen)}`;
  throw error;
}

/** A person with a browser. */
export class Person {
  constructor(context, page) {
    this.context = context;
    this.page = page;
    /** Where this person looks: a selector that ends with a space, or the whole page. */
    this.within = "";
    /** Errors of the page: each one fails the scenario. */
    this.errors = [];
    page.on("pageerror", (error) => this.errors.push(error.message));
    /** Requests without an answer, and answers of an error. */
    this.refused = [];
    /** Requests that have no end yet. */
    this.unanswered = new Set();
    page.on("request", (it) => this.unanswered.add(it));
    page.on("requestfinished", (it) => this.unanswered.delete(it));
    page.on("requestfailed", (it) => {
      this.unanswered.delete(it);
      this.refused.push(`${it.url()} ${it.failure()?.errorText}`);
    });
    page.on("response", (it) => {
      if (it.status() >= 400) this.refused.push(`${it.url()} ${it.status()}`);
    });
  }

  /**
   * Answers the requests of a pattern in place of the server. Gives the function that ends it.
   *
   * Chromium loses the requests that are under way when it stops to intercept: one more pattern, which nothing matches,
   * keeps it at that.
   */
  async intercept(pattern, answer) {
    if (!this.intercepts) {
      this.intercepts = true;
      await this.page.route("**/matches-nothing", (route) => route.continue());
    }
    await this.page.route(pattern, answer);
    return () => this.page.unroute(pattern, answer);
  }

  /** The same person at one of several sheets side by side. */
  beside(sheet) {
    const pane = Object.create(this);
    pane.within = `[data-testid="pane"][data-sheet="${sheet}"] `;
    return pane;
  }

  /** The element with a test id. */
  at(id) {
    return this.find(`[data-testid="${id}"]`);
  }

  find(selector) {
    return this.page.locator(this.within + selector);
  }

  async signUp({ url, email, password }) {
    await this.page.goto(new URL("/sign-up", url).href);
    await this.at("name").fill("Ada Lovelace");
    await this.#sign(email, password);
  }

  async signIn({ url, email, password }) {
    await this.page.goto(new URL("/", url).href);
    await this.#sign(email, password);
  }

  async #sign(email, password) {
    await this.at("email").fill(email);
    await this.at("password").fill(password);
    await this.at("submit").click();
    await this.at("account").waitFor();
  }

  /** Creates a sheet and opens it. */
  async createSheet(name) {
    await this.at("new-sheet").click();
    await this.at("prompt-input").fill(name);
    await this.at("prompt-submit").click();
    await this.ready();
  }

  /** Shares the sheet on the screen with an address, by the role of the dialog. */
  async shareWith(email) {
    await this.at("share-open").click();
    await this.at("share-email").fill(email);
    await this.at("share-submit").click();
    await this.shareRow(email).waitFor();
    await this.press("Escape");
    await this.at("share").waitFor({ state: "detached" });
  }

  /** The row of a person in the dialog to share. */
  shareRow(email) {
    return this.at("share-row").filter({ hasText: email });
  }

  /** Gives a person of the dialog to share another role. */
  async giveRole(email, name) {
    await this.at("share-open").click();
    const role = this.shareRow(email).getByTestId("role");
    await role.click();
    await this.page.getByRole("option").filter({ hasText: name }).click();
    // The name of the role changes at once, the role with the answer.
    const given = role.and(this.page.locator('[aria-busy="false"]'));
    await given.filter({ hasText: name }).waitFor();
    await this.press("Escape");
    await this.at("share").waitFor({ state: "detached" });
  }

  /** Waits until a sheet is on the screen and its cells are loaded. */
  async ready() {
    await this.page.waitForFunction((within) => {
      const size = document.querySelector(`${within}[data-testid="size"]`);
      return Number(size?.dataset.columns) > 0;
    }, this.within);
    await this.find("#glide-cell-1-0").waitFor(HIDDEN);
  }

  /** The text of a cell on the screen; null while the grid does not show it. */
  cell(row, col) {
    return this.page.evaluate(
      (cell) => document.querySelector(cell)?.textContent ?? null,
      `${this.within}#glide-cell-${col + 1}-${row}`,
    );
  }

  /** Waits until a cell holds a text. */
  async sees(row, col, text) {
    const wanted = { cell: `${this.within}#glide-cell-${col + 1}-${row}`, text };
    try {
      await this.page.waitForFunction(
        ({ cell, text }) => document.querySelector(cell)?.textContent === text,
        wanted,
      );
    } catch {
      const found = await this.cell(row, col);
      throw new Error(
        `cell ${row},${col} should hold ${JSON.stringify(text)}, not ${JSON.stringify(found)}`,
      );
    }
  }

  /** Waits until the sheet has this many rows. */
  async seesRows(count) {
    await this.at("size")
      .and(this.page.locator(`[data-rows="${count}"]`))
      .waitFor();
  }

  /** The position of a cell on the screen; all columns have the width of a new sheet's. */
  async point(row, col) {
    const grid = await this.at("grid").boundingBox();
    const rows = Number(await this.at("size").getAttribute("data-rows"));
    const marker = 28 + String(rows).length * 8;
    const x = grid.x + marker + col * 140 + 40;
    return { x, y: grid.y + HEADER_PIXELS + row * ROW_PIXELS + ROW_PIXELS / 2 };
  }

  async click(row, col, options = {}) {
    const { x, y } = await this.point(row, col);
    await this.page.mouse.click(x, y, options);
  }

  /** Types a text into a cell: click, F2, replace, Enter. */
  async type(row, col, text) {
    await this.typeAndStay(row, col, text);
    await this.page.keyboard.press("Enter");
    await this.editor("ready").waitFor(HIDDEN);
  }

  /** Types a text into a cell and leaves the editor open. */
  async typeAndStay(row, col, text) {
    await this.click(row, col);
    await this.find(`#glide-cell-${col + 1}-${row}[aria-selected="true"]`).waitFor(HIDDEN);
    // A cell does not open while it is being loaded: the person presses the key again.
    for (let left = PATIENCE; left > 0; left -= AGAIN) {
      await this.page.keyboard.press("F2");
      if (await appears(this.editor())) break;
    }
    await this.at("cell-entry").fill(text);
  }

  /** Ends an editor that may still be open. */
  async finish() {
    if ((await this.editor().count()) > 0) await this.page.keyboard.press("Enter");
  }

  /** The text field of the cell: `ready` while none is edited, else `editing` or `typing`. */
  editor(mode = "editing") {
    return this.find(`[data-testid="cell-entry"][data-mode="${mode}"]`);
  }

  /** Presses keys in sequence without a delay. */
  async press(...keys) {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** Types texts and presses keys; a word that names a key is pressed. */
  async keys(...words) {
    for (const word of words)
      if (/^(Control|Shift|Alt|Tab$|Enter$|Escape$|F2$|Arrow|Page|Home$|End$|Delete$)/.test(word))
        await this.page.keyboard.press(word);
      else await this.page.keyboard.type(word);
  }

  /** Waits until the line below the sheet shows this position, for example "B, row 3". */
  async standsAt(place) {
    const shown = this.at("selection");
    try {
      await shown.getByText(place, { exact: true }).waitFor();
    } catch {
      throw new Error(`the cursor should be at ${place}, not at ${await shown.textContent()}`);
    }
  }

  /** Chooses an item from the menu of a cell. */
  async choose(row, col, item) {
    await this.click(row, col, { button: "right" });
    // The menu stands beside the sheet, not in it.
    await this.page.locator(`[data-testid="${item}"]`).click();
  }

  /** Waits for a state of the status pill: saved, saving or offline. */
  async status(state, pending) {
    const also = pending === undefined ? "" : `[data-pending="${pending}"]`;
    await this.find(`[data-testid="status"][data-state="${state}"]${also}`).waitFor();
  }

  /** Waits until no edit is unsaved, in any state of the connection. */
  async saved() {
    await this.find('[data-testid="status"][data-pending="0"]').waitFor();
  }

  /** Fails if the page has reported an error. */
  check() {
    if (this.errors.length > 0) throw new Error(`the page failed: ${this.errors.join("; ")}`);
  }
}

async function appears(element) {
  const here = element.waitFor({ timeout: AGAIN });
  return here.then(
    () => true,
    () => false,
  );
}

export function equal(found, wanted, what) {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (a !== b) throw new Error(`${what}: ${a} should be ${b}`);
}
