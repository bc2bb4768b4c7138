import { Code, createClient, createRouterTransport } from "@connectrpc/connect";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ChatService } from "../gen/gridloom/v1/chat_pb.ts";
import { NoticeService } from "../gen/gridloom/v1/notices_pb.ts";
import { SheetService } from "../gen/gridloom/v1/sheets_pb.ts";
import { CALL_MILLIS, withDeadline } from "./deadline.ts";

const never = () => new Promise<never>(() => undefined);

/** A server that takes each call and answers none. */
const transport = withDeadline(
  createRouterTransport(({ service }) => {
    service(ChatService, { sendMessage: never });
    service(SheetService, { createSheet: never });
    service(NoticeService, {
      watch: async function* () {
        yield { number: 1n };
        await never();
      },
    });
  }),
);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a message that no server answers fails with an error that may pass", async () => {
  const sent = createClient(ChatService, transport).sendMessage({ text: "a" });
  const failed = expect(sent).rejects.toMatchObject({ code: Code.DeadlineExceeded });
  await vi.advanceTimersByTimeAsync(CALL_MILLIS);
  await failed;
});

test("a stream and a call about a sheet last longer", async () => {
  let ended = 0;
  const end = () => ended++;
  const stream = createClient(NoticeService, transport).watch({})[Symbol.asyncIterator]();
  expect(await stream.next()).toMatchObject({ value: { number: 1n } });
  stream.next().then(end, end);
  createClient(SheetService, transport).createSheet({}).then(end, end);
  await vi.advanceTimersByTimeAsync(10 * CALL_MILLIS);
  expect(ended).toBe(0);
});
