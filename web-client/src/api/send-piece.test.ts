import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { Code, ConnectError } from "@connectrpc/connect";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { sendPiece } from "./send-piece.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A refusal as the server sends it, with google.rpc.ErrorInfo and RetryInfo. */
function refusal(code: Code, name: string, seconds: number): ConnectError {
  const error = new ConnectError("refused", code);
  const info = new BinaryWriter().tag(1, 2).string(name).finish();
  const duration = new BinaryWriter().tag(1, 0).int64(seconds).finish();
  const retry = new BinaryWriter().tag(1, 2).bytes(duration).finish();
  error.details = [
    { type: "google.rpc.ErrorInfo", value: info },
    { type: "google.rpc.RetryInfo", value: retry },
  ];
  return error;
}

function sending(signal = new AbortController().signal) {
  return { signal, retryable: () => true, onWait: vi.fn() };
}

it("waits for a place as long as the server says, and as often", async () => {
  const how = sending();
  let calls = 0;
  const send = vi.fn(async () => {
    if (++calls <= 10) throw refusal(Code.ResourceExhausted, "BUSY", 5);
    return "taken";
  });
  const sent = sendPiece(send, how);
  await vi.advanceTimersByTimeAsync(4_999);
  expect(send).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(send).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(9 * 5_000);
  expect(await sent).toBe("taken");
  expect(how.onWait).toHaveBeenCalledTimes(10);
});

it("sends a piece again a few times after other errors, and not at all after the end of the import", async () => {
  const away = vi.fn(async () => {
    throw new ConnectError("away", Code.Unavailable);
  });
  const failed = expect(sendPiece(away, sending())).rejects.toThrow("away");
  await vi.runAllTimersAsync();
  await failed;
  expect(away).toHaveBeenCalledTimes(4);
  const ended = vi.fn(async () => {
    throw refusal(Code.Aborted, "IMPORT_LOST", 1);
  });
  await expect(sendPiece(ended, sending())).rejects.toThrow("refused");
  expect(ended).toHaveBeenCalledTimes(1);
});

it("ends its wait when the import is cancelled", async () => {
  const abort = new AbortController();
  const send = vi.fn(async () => {
    throw refusal(Code.ResourceExhausted, "BUSY", 60);
  });
  const sent = expect(sendPiece(send, sending(abort.signal))).rejects.toThrow("given up");
  await vi.advanceTimersByTimeAsync(1_000);
  abort.abort(new Error("given up"));
  await sent;
  expect(send).toHaveBeenCalledTimes(1);
});
