// Typical files in the import dialog: the person can answer each question there. A file that can't be imported has
// a message, and a button appears only if it solves the problem.
import { equal, withBrowsers } from "../browser.mjs";

export function files(target) {
  return withBrowsers(1, async (ada) => {
    await ada.signUp(target);
    await noHeader(ada, target);
    await sureHeader(ada, target);
    await late(ada, target);
    await lenient(ada, target);
    await refused(ada, target);
    ada.check();
    return {};
  });
}

async function pick(ada, target, name, content) {
  await ada.page.goto(new URL("/", target.url).href);
  const buffer = Buffer.isBuffer(content) ? content : Buffer.from(content);
  await ada.at("import-file").setInputFiles({ name, mimeType: "text/csv", buffer });
  await ada.at("import-dialog").waitFor();
}

async function header(ada, col) {
  return ada.page.locator("table [role=columnheader]").nth(col).textContent();
}

/** The dialog recognises a file without a header, and its preview shows that. */
async function noHeader(ada, target) {
  await pick(ada, target, "fruit.csv", "1,apple\n2,pear\n3,plum\n");
  await ada.at("import-preview").getByText("pear").waitFor();
  equal(await ada.at("header-no").isChecked(), true, "no header, as it looks");
  await ada.at("import-start").click();
  await ada.ready();
  await ada.sees(0, 1, "apple");
  equal(await ada.at("size").getAttribute("data-rows"), "3", "rows");
  equal(await header(ada, 0), "A", "the first column");
}

/** The person corrects the dialog's guess. */
async function sureHeader(ada, target) {
  await pick(ada, target, "sizes.csv", "7,9,12\n1,2,3\n4,5,6\n");
  await ada.at("header-yes").check();
  await ada.at("import-start").click();
  await ada.ready();
  equal(await header(ada, 2), "12", "the last column");
  await ada.sees(1, 2, "6");
}

/** A problem that only the whole file shows has its button when the server has read it, and the choices before it stay. */
async function late(ada, target) {
  // The preview reads only the begin of the file.
  const words = Array.from({ length: 30_000 }, (_, i) => `${i},x`).join("\n");
  await pick(ada, target, "late.csv", `2.5,x\n${words}\nlast\n`);
  await ada.at("import-doubts").getByText("The first row looks like data").waitFor();
  await ada.at("header-yes").check();
  await ada.at("import-start").click();
  await ada.at("import-error").getByText("Line 30,002 has 1 value, the first line has 2.").waitFor();
  await ada.at("import-repair").getByText("Fill with empty cells and import").click();
  await ada.ready();
  equal(await header(ada, 0), "2.5", "the chosen header");
  await ada.at("toast-info").filter({ hasText: "1 row repaired." }).waitFor();
}

/** Ragged rows and old encodings are imported after a choice. */
async function lenient(ada, target) {
  await pick(ada, target, "ragged.csv", "Item,Count\nbolt,4\nnut\n");
  await ada.at("import-error").getByText("Line 3 has 1 value, the first line has 2.").waitFor();
  await ada.at("import-repair").getByText("Fill with empty cells").click();
  await ada.at("import-start").click();
  await ada.ready();
  await ada.sees(1, 0, "nut");

  const latin = Buffer.from("Name,City\nJürgen,Köln\n", "latin1");
  await pick(ada, target, "latin.csv", latin);
  await ada.at("import-error").getByText("isn't UTF-8").waitFor();
  await ada.at("import-repair").getByText("Windows-1252").click();
  await ada.at("import-start").click();
  await ada.ready();
  await ada.sees(0, 1, "Köln");
}

/** A file that no choice can import has no button. */
async function refused(ada, target) {
  const hopeless = [
    ["empty.csv", "", "This file is empty."],
    ["table.parquet", "PAR1\u0015\u0004\u0015", "Parquet"],
    ["book.xlsx", "PK\u0003\u0004\u0014\u0000", "Excel"],
  ];
  for (const [name, content, words] of hopeless) {
    await pick(ada, target, name, content);
    await ada.at("import-error").getByText(words).waitFor();
    equal(await ada.at("import-start").count(), 0, `ways to begin with ${name}`);
    equal(await ada.at("import-repair").count(), 0, `ways to repair ${name}`);
  }
  // With a chosen character between values it would be read as a text.
  const json = '[\n{"Title":"The Land Girls","Gross":146083},\n{"Title":"x"}]';
  await pick(ada, target, "movies.json", json);
  await ada.at("import-error").getByText("This isn't a CSV file.").waitFor();
  equal(await ada.at("import-start").isDisabled(), true, "no way to begin with JSON");
  await pick(ada, target, "quote.csv", 'a,b\n1,"open\n2,3\n');
  await ada.at("import-error").getByText("Line 2 opens a quote that is never closed.").waitFor();
  equal(await ada.at("import-repair").count(), 0, "ways to repair an open quote");
}
