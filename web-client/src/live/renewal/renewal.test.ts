import { expect, test } from "vitest";
import type { Session } from "../../api/session.ts";
import { AGAIN_MILLIS, CHECK_MILLIS, Renewal } from "./renewal.ts";

function sessionOf(token: string, renewAt: number): Session {
  return { token, renewAt, accountId: "a", email: "ada@example.org", displayName: "Ada", color: 0 };
}

/** Everything that waits for no timer of the test is done. */
function flush(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The tabs of a browser: one storage, one lock, one clock. */
class Browser {
  time = 0;
  stored: Session | null = sessionOf("1", 500_000);
  locked = false;
  calls = 0;
  error: Error | undefined;
  isTooOld = false;
  #timers: { at: number; then: () => void }[] = [];

  tab() {
    const tab = { session: this.stored, check: () => renewal.check() };
    const renewal = new Renewal({
      now: () => this.time,
      after: (millis, then) => {
        const timer = { at: this.time + millis, then };
        this.#timers.push(timer);
        return () => {
          this.#timers = this.#timers.filter((other) => other !== timer);
        };
      },
      hold: async () => {
        if (this.locked) return undefined;
        this.locked = true;
        const release = () => {
          this.locked = false;
        };
        return { release };
      },
      valid: () => tab.session,
      stored: () => this.stored,
      renew: async () => {
        this.calls++;
        await Promise.resolve();
        if (this.error !== undefined) throw this.error;
        if (this.isTooOld) return "too-old";
        this.stored = sessionOf(String(this.calls + 1), this.time + 500_000);
        tab.session = this.stored;
        renewal.check();
        return "renewed";
      },
    });
    renewal.check();
    return tab;
  }

  async pass(millis: number): Promise<void> {
    const end = this.time + millis;
    for (;;) {
      const due = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      this.time = due.at;
      due.then();
      await flush();
    }
    this.time = end;
  }
}

test("a token is renewed at its time, again and again", async () => {
  const browser = new Browser();
  const tab = browser.tab();
  await browser.pass(499_999);
  expect(browser.calls).toBe(0);
  await browser.pass(1);
  expect([browser.calls, tab.session?.token]).toEqual([1, "2"]);
  await browser.pass(500_000);
  expect(browser.calls).toBe(2);
});

test("one tab renews, and the others take its token", async () => {
  const browser = new Browser();
  const tabs = [browser.tab(), browser.tab(), browser.tab()];
  await browser.pass(500_000);
  expect(browser.calls).toBe(1);
  // The other tabs receive it late: they look once more and find the token in the storage.
  await browser.pass(AGAIN_MILLIS);
  expect(browser.calls).toBe(1);
  for (const tab of tabs) tab.session = browser.stored;
  await browser.pass(500_000);
  expect(browser.calls).toBe(2);
});

test("a failed attempt is repeated, and no attempt follows the end of the session", async () => {
  const browser = new Browser();
  const tab = browser.tab();
  browser.error = new Error("reset");
  await browser.pass(500_000 + AGAIN_MILLIS);
  expect(browser.calls).toBe(2);
  browser.error = undefined;
  await browser.pass(AGAIN_MILLIS);
  expect([browser.calls, browser.locked]).toEqual([3, false]);
  tab.session = null;
  await browser.pass(10 * CHECK_MILLIS);
  expect(browser.calls).toBe(3);
});

test("a token whose sign-in is too old is asked for once, and a later sign-in is renewed", async () => {
  const browser = new Browser();
  const tab = browser.tab();
  browser.isTooOld = true;
  await browser.pass(10 * 500_000);
  expect([browser.calls, browser.locked, tab.session?.token]).toEqual([1, false, "1"]);
  browser.isTooOld = false;
  tab.session = browser.stored = sessionOf("2", browser.time + 500_000);
  tab.check();
  await browser.pass(500_000);
  expect([browser.calls, tab.session?.token]).toEqual([2, "3"]);
});

test("the token of a person who has signed out in another tab is not renewed", async () => {
  const browser = new Browser();
  browser.tab();
  browser.stored = null;
  await browser.pass(500_000 + AGAIN_MILLIS);
  expect(browser.calls).toBe(0);
});
