// https, with a certificate that the browser is set to accept: the page is secure, all its requests use HTTP/2, and an
// edit is there after a reload.
import { equal, withBrowsers } from "../browser.mjs";

export function secure(target) {
  return withBrowsers(1, (ada) => play(ada, target), ["--ignore-certificate-errors"]);
}

async function play(ada, target) {
  await ada.signUp(target);
  equal(await ada.page.evaluate(() => isSecureContext), true, "a secure page");
  await ada.createSheet("Behind a lock");
  await ada.type(0, 0, "one");
  await ada.status("saved", 0);
  await ada.page.reload();
  await ada.sees(0, 0, "one");
  const protocols = await ada.page.evaluate(() =>
    [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
      .map((entry) => entry.nextHopProtocol)
      .filter((protocol) => protocol !== ""),
  );
  equal([...new Set(protocols)].join(), "h2", "the protocols of all requests");
  ada.check();
  return { requests: protocols.length };
}
