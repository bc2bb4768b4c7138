// Messages before the component that shows them is loaded.
import { beforeEach, expect, test, vi } from "vitest";

const manager = vi.hoisted(() => ({ add: vi.fn(), close: vi.fn() }));
vi.mock("@base-ui/react/toast", () => ({ Toast: { createToastManager: () => manager } }));

beforeEach(() => {
  vi.resetModules();
  manager.add.mockReset();
});

test("a message that is closed before the component is there is not shown", async () => {
  const { showToast, toasts, toastsReady } = await import("../src/ui/toasts.ts");
  const [onClose, ended] = [vi.fn(), vi.fn()];
  const until = vi.fn((_close: () => void) => ended);
  showToast("info", "Done.", undefined, { onClose, until });
  showToast("info", "Saved.");
  until.mock.calls[0]?.[0]();
  expect(toasts.get().map(({ text }) => text)).toEqual(["Saved."]);
  toastsReady();
  expect(manager.add).toHaveBeenCalledOnce();
  expect(manager.add).toHaveBeenCalledWith(expect.objectContaining({ title: "Saved." }));
  expect([onClose, ended].map((called) => called.mock.calls.length)).toEqual([1, 1]);
});

test("messages that are removed before the component is there are not shown", async () => {
  const { clearToasts, showToast, toasts, toastsReady } = await import("../src/ui/toasts.ts");
  showToast("info", "Kept.", undefined, { stays: true });
  clearToasts();
  showToast("info", "Next.");
  toastsReady();
  expect(toasts.get().map(({ text }) => text)).toEqual(["Next."]);
  expect(manager.add).toHaveBeenCalledOnce();
});
