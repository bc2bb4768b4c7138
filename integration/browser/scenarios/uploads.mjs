// The page of files: uploads that continue after a reload, names, removed files, and downloads of the same bytes. axe
// finds nothing serious in any of its states.
//
// GRIDLOOM_SHOTS=DIR stores a screenshot of each.
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accessible } from "../axe.mjs";
import { equal, withBrowsers } from "../browser.mjs";

const SIZES = { desk: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };
const MIB = 1024 * 1024;
const PIECE = "**/gridloom.v1.FileService/UploadPiece";

export function uploads(target) {
  const { scheme = "light", size = "desk" } = target;
  return withBrowsers(1, async (ada) => {
    await ada.page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    await ada.page.setViewportSize(SIZES[size]);
    const look = (name) => accessible(ada.page, `files-${name}-${scheme}-${size}`);
    const folder = await mkdtemp(join(tmpdir(), "gridloom-files-"));
    try {
      await ada.signUp(target);
      await opened(ada, look);
      const small = await made(folder, ["b.txt", "A.bin"], [11, 3 * MIB + 7]);
      await two(ada, small, look);
      const [large] = await made(folder, ["large.bin"], [9 * MIB + 1]);
      await continued(ada, large, small[0], look);
      await cancelled(ada, await made(folder, ["never.bin"], [6 * MIB]));
      await renamed(ada, look);
      await removed(ada, look);
      await downloaded(ada, large);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    ada.check();
    return {};
  });
}

/** Files on the disk: these have the same time of their last change after a reload. */
function made(folder, names, sizes) {
  return Promise.all(
    names.map(async (name, i) => {
      const [path, bytes] = [join(folder, name), randomBytes(sizes[i])];
      await writeFile(path, bytes);
      return { name, path, bytes };
    }),
  );
}

function row(ada, name) {
  return ada.find(`[data-testid="file-row"][data-name="${name}"]`);
}

function transfer(ada, name, state) {
  return ada.find(`[data-testid="transfer"][data-name="${name}"][data-state="${state}"]`);
}

async function names(ada) {
  const rows = await ada.at("file-row").all();
  return await Promise.all(rows.map((found) => found.getAttribute("data-name")));
}

/** Waits until the list has these files in this order. */
async function lists(ada, wanted) {
  const found = (wanted) => {
    const rows = [...document.querySelectorAll('[data-testid="file-row"]')];
    return JSON.stringify(rows.map(({ dataset }) => dataset.name)) === JSON.stringify(wanted);
  };
  try {
    await ada.page.waitForFunction(found, wanted);
  } catch {
    equal(await names(ada), wanted, "the files in the list");
  }
}

/** Does something, and waits for the answer to the call that it leads to. */
async function answered(ada, call, act) {
  const path = `/gridloom.v1.FileService/${call}`;
  const answer = ada.page.waitForResponse((response) => response.url().endsWith(path));
  await Promise.all([answer, act()]);
}

async function menu(ada, name, item) {
  await row(ada, name).getByTestId("more").click();
  await ada.at(item).click();
}

/** The menu of the account leads to the page. */
async function opened(ada, look) {
  await ada.at("account").click();
  await ada.at("files-open").click();
  await ada.at("files-page").waitFor();
  await ada.at("empty").waitFor();
  await look("empty");
}

/** Two files at once; the heads of the columns sort, and the search finds. */
async function two(ada, small, look) {
  await ada.at("upload-files").setInputFiles(small.map(({ path }) => path));
  for (const { name } of small) await transfer(ada, name, "done").waitFor();
  await ada.at("transfers-head").getByText("2 files are complete").waitFor();
  await row(ada, "b.txt").waitFor();
  await row(ada, "A.bin").waitFor();
  await ada.at("used").getByText("3 MiB of").waitFor();
  await look("uploaded");
  await ada.at("clear-done").click();
  await ada.at("transfers").waitFor({ state: "detached" });
  await ada.at("sort-name").click();
  await lists(ada, ["A.bin", "b.txt"]);
  await ada.at("sort-name").click();
  await lists(ada, ["b.txt", "A.bin"]);
  await ada.at("sort-size").click();
  await lists(ada, ["A.bin", "b.txt"]);
  await ada.at("search").fill("B.T");
  await lists(ada, ["b.txt"]);
  await ada.at("search").fill("nothing");
  await ada.page.getByText("No files match").waitFor();
  await ada.at("search").fill("");
  await lists(ada, ["A.bin", "b.txt"]);
}

/** Lets so many pieces pass and holds the others, until the function that it gives is called. */
function hold(ada, passing) {
  let passed = 0;
  return ada.intercept(PIECE, (route) => (passed++ < passing ? route.continue() : undefined));
}

/** A reload in the middle of an upload: the person chooses the same file again, and only the rest is sent. */
async function continued(ada, large, other, look) {
  const { page } = ada;
  const release = await hold(ada, 2);
  await ada.at("upload-files").setInputFiles(large.path);
  await transfer(ada, large.name, "running").getByText("4 MiB of 9 MiB").waitFor();
  await look("uploading");
  let asked = 0;
  const onDialog = (dialog) => {
    if (dialog.type() === "beforeunload") asked++;
    return dialog.accept();
  };
  page.on("dialog", onDialog);
  // The pieces that are held end with the page.
  await page.reload();
  await release();
  page.off("dialog", onDialog);
  equal(asked, 1, "questions before the page with the upload is left");

  const unfinished = ada.at("unfinished-upload").filter({ hasText: large.name });
  await unfinished.getByText("4 MiB of 9 MiB").waitFor();
  await look("unfinished");
  await unfinished.getByTestId("unfinished-file").setInputFiles(other.path);
  await ada.at("toast-error").getByText("is another file").waitFor();
  let sent = 0;
  const onRequest = (request) => {
    if (request.url().endsWith("FileService/UploadPiece")) sent++;
  };
  page.on("request", onRequest);
  await unfinished.getByTestId("unfinished-file").setInputFiles(large.path);
  await transfer(ada, large.name, "done").waitFor();
  page.off("request", onRequest);
  equal(sent, 3, "pieces that are sent after the reload");
  await unfinished.waitFor({ state: "detached" });
  await row(ada, large.name).waitFor();
  await ada.at("upload-files").setInputFiles(large.path);
  await transfer(ada, large.name, "done").getByText("It was uploaded already.").waitFor();
  await ada.at("clear-done").click();
}

/** An upload continues on another page of the application; a cancelled one leaves nothing. */
async function cancelled(ada, [file]) {
  const release = await hold(ada, 1);
  await ada.at("upload-files").setInputFiles(file.path);
  await transfer(ada, file.name, "running").getByText("2 MiB of 6 MiB").waitFor();
  await ada.at("back").click();
  await ada.at("new-sheet").waitFor();
  await ada.page.goBack();
  const running = transfer(ada, file.name, "running");
  await running.getByText("2 MiB of 6 MiB").waitFor();
  await answered(ada, "CancelUpload", () => running.getByTestId("transfer-cancel").click());
  await ada.at("transfers").waitFor({ state: "detached" });
  await release();
  await answered(ada, "ListUploads", () => ada.page.reload());
  await row(ada, "large.bin").waitFor();
  equal(await ada.at("unfinished").count(), 0, "unfinished uploads after a cancellation");
}

async function renamed(ada, look) {
  await menu(ada, "A.bin", "rename");
  await ada.at("prompt-input").fill(" ");
  await ada.at("prompt-submit").click();
  await ada.page.getByText("Give the file a name.").waitFor();
  await look("rename");
  await ada.at("prompt-input").fill("measured.bin");
  await answered(ada, "RenameFile", () => ada.at("prompt-submit").click());
  await row(ada, "measured.bin").waitFor();
  await ada.page.reload();
  await row(ada, "measured.bin").waitFor();
  await look("list");
}

/** A removed file comes back by Undo and from the removed files, and one that is deleted for good does not. */
async function removed(ada, look) {
  await menu(ada, "measured.bin", "remove");
  await row(ada, "measured.bin").waitFor({ state: "detached" });
  await ada.at("toast-action").click();
  await row(ada, "measured.bin").waitFor();
  for (const name of ["measured.bin", "b.txt"]) {
    await menu(ada, name, "remove");
    await ada
      .at("toast-info")
      .filter({ hasText: `“${name}” was removed.` })
      .waitFor();
  }
  await ada.at("removed-files").click();
  await row(ada, "measured.bin").waitFor();
  await look("removed");
  await row(ada, "measured.bin").getByTestId("restore").click();
  await row(ada, "measured.bin").waitFor({ state: "detached" });
  await menu(ada, "b.txt", "delete-for-good");
  await ada.at("confirm").waitFor();
  await look("delete");
  await ada.at("confirm-yes").click();
  await ada.at("none-removed").waitFor();
  await ada.at("kept-files").click();
  await lists(ada, ["large.bin", "measured.bin"]);
}

/** The browser saves the same bytes under the name of the file, from its row and from its page. */
async function downloaded(ada, { name, bytes }) {
  await saved(ada, { name, bytes }, row(ada, name).getByTestId("download"));
  await ada.at("files-page").waitFor();
  await row(ada, name).getByTestId("file-link").click();
  await ada.at("file-page").waitFor();
  await saved(ada, { name, bytes }, ada.at("download"));
  await ada.at("file-page").waitFor();
}

async function saved(ada, { name, bytes }, button) {
  const [file] = await Promise.all([ada.page.waitForEvent("download"), button.click()]);
  equal(file.suggestedFilename(), name, "the name of the download");
  equal(bytes.equals(await readFile(await file.path())), true, "whether all bytes are the same");
}
