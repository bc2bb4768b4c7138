// Links and notices about a sheet that stands in a pane lead there, and the sheets beside it stay where they are.
//
// GRIDLOOM_SHOTS=DIR stores screenshots.
import { accessible } from "../axe.mjs";
import { equal, withBrowsers } from "../browser.mjs";

export function leads(target) {
  return withBrowsers(2, async (ada, ben) => {
    await ada.signUp(target);
    const [plan, stock] = [await created(ada, target, "Plan"), await created(ada, target, "Stock")];
    const email = `ben-${target.email}`;
    await ada.shareWith(email);
    await ben.signUp({ ...target, email });
    await ben.page.goto(new URL(`/sheets/${stock}?panel=chat`, target.url).href);
    await ben.ready();

    await ada.page.goto(
      new URL(`/sheets/${plan}?panel=chat&beside=${stock}`, target.url).href,
    );
    for (const id of [plan, stock]) await ada.beside(id).ready();
    await byLink(ada, [plan, stock], target);
    await byMessage(ada, ben, [plan, stock]);
    await byNotice(ada, [plan, stock]);
    ada.check();
    ben.check();
    return {};
  });
}

/** Creates a sheet; returns its id. */
async function created(ada, target, name) {
  await ada.page.goto(new URL("/", target.url).href);
  await ada.createSheet(name);
  return new URL(ada.page.url()).pathname.split("/").at(-1);
}

/** The sheets of the address, from the left. */
function together(ada, [plan, stock]) {
  const { pathname, searchParams } = new URL(ada.page.url());
  equal([pathname, searchParams.get("beside")], [`/sheets/${plan}`, stock], "the sheets");
}

/** A link in a message opens the panel of the other pane. */
async function byLink(ada, ids, target) {
  const [plan, stock] = ids.map((id) => ada.beside(id));
  const link = new URL(`/sheets/${ids[1]}?panel=history`, target.url).href;
  await plan.at("composer").fill(link);
  await plan.at("composer").press("Enter");
  await plan.at("message").getByTestId("sheet-chip").click();
  await stock.at("history").waitFor();
  await plan.at("message").waitFor();
  together(ada, ids);
  await accessible(ada.page, "leads-link");

  // A link to a cell of the other pane selects it there, and leaves the panel open.
  await stock.at("tab-chat").click();
  await stock.click(4, 1);
  await stock.at("link-cell").click();
  const cell = await stock.at("composer").inputValue();
  await stock.at("composer").fill("");
  await stock.click(0, 0);
  await plan.at("composer").fill(cell);
  await plan.at("composer").press("Enter");
  await plan.at("sheet-chip").filter({ hasText: "row 5" }).click();
  await stock.standsAt("B, row 5");
  await stock.at("composer").waitFor();
  together(ada, ids);
}

/** A short message about the other pane opens its chat, and goes with that. */
async function byMessage(ada, ben, ids) {
  await ada.beside(ids[1]).at("tab-history").click();
  await ada.beside(ids[1]).at("history").waitFor();
  await ben.at("composer").fill("@ada");
  await ben.at("mention").first().waitFor();
  await ben.at("composer").press("Enter");
  await ben.at("composer").press("Enter");
  const toast = ada.at("toast-info").filter({ hasText: "mentioned you in “Stock”" });
  await toast.getByRole("button", { name: "Show" }).click();
  await ada.beside(ids[1]).at("message").getByText("@Ada Lovelace").waitFor();
  await toast.waitFor({ state: "detached" });
  together(ada, ids);
}

/** A notice of the list leads to the chat of its pane, from another tab of the panel. */
async function byNotice(ada, ids) {
  const stock = ada.beside(ids[1]);
  await stock.at("tab-history").click();
  await stock.at("history").waitFor();
  await ada.find('[data-testid="bell"]:visible').click();
  await ada.at("notice").getByRole("link").first().click();
  await stock.at("message").getByText("@Ada Lovelace").waitFor();
  together(ada, ids);
}
