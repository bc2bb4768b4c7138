// node run.mjs SCENARIO URL [--email E] [--password P] [--file CSV] [--rows N]
//
// Runs one scenario in Chromium against a running server. Prints one line of JSON, with the reason if the scenario
// fails; the exit status is then 1. Without --email, the scenario uses a new account.
import { account } from "./scenarios/account.mjs";
import { admitted } from "./scenarios/admitted.mjs";
import { beside } from "./scenarios/beside.mjs";
import { clipboard } from "./scenarios/clipboard.mjs";
import { closed } from "./scenarios/closed.mjs";
import { colors } from "./scenarios/colors.mjs";
import { columns } from "./scenarios/columns.mjs";
import { comments } from "./scenarios/comments.mjs";
import { company } from "./scenarios/company.mjs";
import { composing } from "./scenarios/composing.mjs";
import { controls } from "./scenarios/controls.mjs";
import { crowded } from "./scenarios/crowded.mjs";
import { deleted } from "./scenarios/deleted.mjs";
import { deletion } from "./scenarios/deletion.mjs";
import { derived } from "./scenarios/derived.mjs";
import { entry } from "./scenarios/entry.mjs";
import { expired } from "./scenarios/expired.mjs";
import { files } from "./scenarios/files.mjs";
import { forgotten } from "./scenarios/forgotten.mjs";
import { gestures } from "./scenarios/gestures.mjs";
import { history } from "./scenarios/history.mjs";
import { imports } from "./scenarios/imports.mjs";
import { insecure } from "./scenarios/insecure.mjs";
import { keyboard } from "./scenarios/keyboard.mjs";
import { kinds } from "./scenarios/kinds.mjs";
import { leads } from "./scenarios/leads.mjs";
import { links } from "./scenarios/links.mjs";
import { looks } from "./scenarios/looks.mjs";
import { mentions } from "./scenarios/mentions.mjs";
import { menus } from "./scenarios/menus.mjs";
import { messages } from "./scenarios/messages.mjs";
import { notices } from "./scenarios/notices.mjs";
import { offline } from "./scenarios/offline.mjs";
import { operator } from "./scenarios/operator.mjs";
import { panes } from "./scenarios/panes.mjs";
import { parts } from "./scenarios/parts.mjs";
import { people } from "./scenarios/people.mjs";
import { persists } from "./scenarios/persists.mjs";
import { places } from "./scenarios/places.mjs";
import { provider } from "./scenarios/provider.mjs";
import { refusals } from "./scenarios/refusals.mjs";
import { reload } from "./scenarios/reload.mjs";
import { renames } from "./scenarios/renames.mjs";
import { renewed } from "./scenarios/renewed.mjs";
import { rules } from "./scenarios/rules.mjs";
import { scanner } from "./scenarios/scanner.mjs";
import { secure } from "./scenarios/secure.mjs";
import { shared } from "./scenarios/shared.mjs";
import { sharedfiles } from "./scenarios/sharedfiles.mjs";
import { signout } from "./scenarios/signout.mjs";
import { tables } from "./scenarios/tables.mjs";
import { tableviews } from "./scenarios/tableviews.mjs";
import { tabs } from "./scenarios/tabs.mjs";
import { texts } from "./scenarios/texts.mjs";
import { together } from "./scenarios/together.mjs";
import { transfers } from "./scenarios/transfers.mjs";
import { typed } from "./scenarios/typed.mjs";
import { undo } from "./scenarios/undo.mjs";
import { undos } from "./scenarios/undos.mjs";
import { uploads } from "./scenarios/uploads.mjs";

const SCENARIOS = {
  account,
  admitted,
  beside,
  clipboard,
  closed,
  colors,
  columns,
  comments,
  company,
  composing,
  controls,
  crowded,
  deleted,
  deletion,
  derived,
  entry,
  expired,
  files,
  forgotten,
  gestures,
  history,
  imports,
  insecure,
  kinds,
  keyboard,
  leads,
  links,
  looks,
  mentions,
  menus,
  messages,
  notices,
  offline,
  operator,
  panes,
  parts,
  people,
  persists,
  places,
  provider,
  refusals,
  reload,
  renames,
  renewed,
  rules,
  scanner,
  secure,
  shared,
  sharedfiles,
  signout,
  tables,
  tableviews,
  tabs,
  texts,
  together,
  transfers,
  typed,
  undo,
  undos,
  uploads,
};

function options(words) {
  const given = {};
  for (let i = 0; i + 1 < words.length; i += 2) given[words[i].replace(/^--/, "")] = words[i + 1];
  return given;
}

const [name, url, ...rest] = process.argv.slice(2);
const scenario = SCENARIOS[name];
if (scenario === undefined || url === undefined) {
  console.error(
    `usage: run.mjs ${Object.keys(SCENARIOS).join("|")} URL [--email E] [--password P]`,
  );
  process.exit(2);
}
const email = `${name}-${process.pid}-${Date.now()}@example.org`;
const started = performance.now();
const millis = () => Math.round(performance.now() - started);
try {
  const found = await scenario({ url, email, password: "correct horse battery", ...options(rest) });
  console.log(JSON.stringify({ scenario: name, ok: true, millis: millis(), ...found }));
} catch (error) {
  console.log(
    JSON.stringify({ scenario: name, ok: false, millis: millis(), reason: error.message }),
  );
  process.exitCode = 1;
}
