// Builds web-client/tests/gallery, a page with all parts of `ui`, and opens it in a browser.
//
// Not shipped, and no server is asked: the page has an address of its own.
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = new URL("../../web-client/tests/gallery/", import.meta.url);
const URL_OF_PAGE = "http://gallery.example/";
const TYPES = { html: "text/html", js: "text/javascript", css: "text/css" };

const require = createRequire(new URL("../../web-client/package.json", import.meta.url));

async function build() {
  const { build } = await import(pathToFileURL(require.resolve("vite")).href);
  const { output } = await build({
    root: fileURLToPath(ROOT),
    configFile: false,
    logLevel: "silent",
    build: { write: false, target: "es2023" },
  });
  return new Map(output.map((file) => [file.fileName, file.code ?? file.source]));
}

export async function openGallery(page) {
  const files = await build();
  await page.route(`${URL_OF_PAGE}**`, (route) => {
    const path = new URL(route.request().url()).pathname.slice(1) || "index.html";
    const body = files.get(path);
    if (body === undefined) return route.fulfill({ status: 404, body: "" });
    const contentType = TYPES[path.split(".").at(-1)];
    return route.fulfill({ contentType, body: Buffer.from(body) });
  });
  await page.goto(URL_OF_PAGE);
}
