// npm run licences: what may come into the tree of npm packages, as deny.toml says it for crates.
//
// Invariant: what is shipped to browsers is as free as the project itself; tools may have a licence that binds
// changes of the tool alone.
import { readFileSync } from "node:fs";

const SHIPPED = ["MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "0BSD", "Unlicense"];
const TOOLS = [...SHIPPED, "MPL-2.0", "Python-2.0", "CC0-1.0", "BlueOak-1.0.0"];

const lock = JSON.parse(readFileSync(new URL("../package-lock.json", import.meta.url)));

/** True when one of the alternatives is allowed: "MIT OR Apache-2.0", "(Apache-2.0 AND MIT)". */
function isAllowed(licence, allowed) {
  const plain = licence.replace(/[()]/g, "");
  const all = (text) => text.split(" AND ").every((name) => allowed.includes(name.trim()));
  return plain.split(" OR ").some(all);
}

let count = 0;
for (const [path, { license = "none", dev = false, devOptional = false }] of Object.entries(
  lock.packages,
)) {
  if (path === "") continue;
  count++;
  if (isAllowed(license, dev || devOptional ? TOOLS : SHIPPED)) continue;
  process.stderr.write(`${path}: the licence ${license} is not allowed\n`);
  process.exitCode = 1;
}
if (count === 0) throw new Error("package-lock.json names no packages");
