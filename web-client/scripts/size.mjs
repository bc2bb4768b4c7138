// npm run size: the bytes that a browser receives before a sheet is usable, part by part, as brotli sends them.
//
// Reads web-client/dist, so it needs a build. Not counted: parts that load later, such as the history.
// Invariant: the sum is at most MOST_BYTES.
import { readdirSync, readFileSync } from "node:fs";
import { brotliCompressSync } from "node:zlib";

const MOST_BYTES = 420 * 1024;
const DIST = new URL("../dist/", import.meta.url);

const assets = readdirSync(new URL("assets/", DIST));

function read(path) {
  return readFileSync(new URL(path, DIST));
}

/** The one built file of a name; the bundler adds a hash to it. */
function built(name, ending) {
  const found = assets.filter((file) => file.startsWith(`${name}-`) && file.endsWith(ending));
  if (found.length !== 1) throw new Error(`${found.length} files are named ${name}-*${ending}`);
  return `assets/${found[0]}`;
}

/** A script and all scripts that it imports at its start. */
function withImports(script, found = new Set()) {
  if (found.has(script)) return found;
  found.add(script);
  const imports = read(script)
    .toString()
    .matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g);
  for (const [, name] of imports) withImports(`assets/${name}`, found);
  return found;
}

const page = read("index.html").toString();
const parts = new Set(["index.html"]);
for (const [, path] of page.matchAll(/(?:src|href)="\/([^"]+\.(?:js|css))"/g)) parts.add(path);
const scripts = [...parts].filter((path) => path.startsWith("assets/") && path.endsWith(".js"));
for (const script of [...scripts, built("SheetPage", ".js")])
  for (const part of withImports(script)) parts.add(part);
parts.add(built("SheetPage", ".css"));
parts.add(built("web_engine_bg", ".wasm"));
parts.add(built("stream-worker", ".js"));

const print = (line) => process.stdout.write(`${line}\n`);
const kib = (bytes) => `${(bytes / 1024).toFixed(1).padStart(7)} KiB`;
let sum = 0;
for (const part of parts) {
  const bytes = brotliCompressSync(read(part)).length;
  sum += bytes;
  print(`${kib(bytes)}  ${part}`);
}
print(`${kib(sum)}  of at most ${kib(MOST_BYTES).trim()}`);
if (sum > MOST_BYTES) {
  print("The page is too large: load a part later, or find what a dependency adds.");
  process.exitCode = 1;
}
