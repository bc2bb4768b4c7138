// A hub with the server and the tabs that a test plays, and time that the test moves.
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { expect } from "vitest";
import { ConnectResponseSchema } from "../../gen/gridloom/v1/live_pb.ts";
import { NoticeServiceWatchResponseSchema } from "../../gen/gridloom/v1/notices_pb.ts";
import { Hub, IDLE_MILLIS } from "./hub.ts";
import type { StreamEnd, ToTab, ToWorker } from "./messages.ts";
import { fields, numberOf, textOf } from "./wire.ts";

type Bytes = Uint8Array<ArrayBuffer>;
type Answer = NonNullable<Parameters<typeof create<typeof ConnectResponseSchema>>[1]>;

/** The tags of `ConnectResponse.notices`, `NoticeFrame.session` and `NoticeFrame.answer`. */
const NOTICES = 5 * 8 + WireType.LengthDelimited;
const NUMBER = 8 + WireType.Varint;
const ANSWER = 2 * 8 + WireType.LengthDelimited;

export const OK: StreamEnd = { code: 0, message: "", details: new Uint8Array() };

/** Time that the test moves. */
class Clock {
  time = 0;
  readonly #timers = new Set<{ at: number; then: () => void }>();

  after(millis: number, then: () => void): () => void {
    const timer = { at: this.time + millis, then };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  async pass(millis: number): Promise<void> {
    const end = this.time + millis;
    for (;;) {
      const due = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers.delete(due);
      this.time = due.at;
      due.then();
      await flush();
    }
    this.time = end;
    await flush();
  }
}

/** Answers that are there already are processed. */
export async function flush(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
}

/** A connection at the server that the test plays. */
interface Stream {
  token: string;
  signal: AbortSignal;
  send(answer: Answer): void;
  /** Sends an encoded answer. */
  pass(bytes: Bytes): void;
  end(end: StreamEnd): void;
}

export class Server {
  readonly clock = new Clock();
  readonly streams: Stream[] = [];
  readonly detached: { session: number; token: string }[] = [];
  readonly kept: string[] = [];
  readonly keptUnder: string[] = [];
  readonly attached: { session: number; token: string; after: number | undefined }[] = [];
  attachAnswer: Promise<StreamEnd> = Promise.resolve(OK);
  keepAnswer = OK;
  readonly locks = new Map<string, () => void>();
  readonly hub = new Hub({
    idleMillis: IDLE_MILLIS,
    now: () => this.clock.time,
    after: (millis, then) => this.clock.after(millis, then),
    released: (lock) => new Promise<void>((resolve) => this.locks.set(lock, resolve)),
    call: (method, token, request, signal, onMessage) => {
      const message = fields(request);
      if (method === "Connect") return this.#connect(token, signal, onMessage);
      if (method === "AttachNotices") {
        const after = message.has(3) ? numberOf(message, 3) : undefined;
        this.attached.push({ session: numberOf(message, 2), token, after });
        return this.attachAnswer;
      }
      if (method === "Detach") this.detached.push({ session: numberOf(message, 2), token });
      else {
        this.kept.push(textOf(message, 1));
        this.keptUnder.push(token);
      }
      return Promise.resolve(method === "Detach" ? OK : this.keepAnswer);
    },
  });

  #connect(token: string, signal: AbortSignal, onMessage: (bytes: Bytes) => void) {
    return new Promise<StreamEnd>((end) => {
      const send = (answer: Answer) => {
        const bytes = toBinary(ConnectResponseSchema, create(ConnectResponseSchema, answer));
        onMessage(Uint8Array.from(bytes));
      };
      this.streams.push({ token, signal, send, pass: onMessage, end });
    });
  }

  get stream(): Stream {
    return this.streams.at(-1) ?? expect.unreachable("no stream is open");
  }

  tab(): Tab {
    return new Tab(this.hub);
  }
}

export class Tab {
  readonly received: ToTab[] = [];
  answers = true;
  readonly send: (message: ToWorker) => void;

  constructor(hub: Hub) {
    const postMessage = (message: ToTab) => {
      this.received.push(message);
      if (message.kind === "ask" && this.answers) this.send({ kind: "alive" });
    };
    this.send = hub.connect({ postMessage });
  }

  of<K extends ToTab["kind"]>(kind: K): Extract<ToTab, { kind: K }>[] {
    return this.received.filter((it): it is Extract<ToTab, { kind: K }> => it.kind === kind);
  }

  /** The numbers of the notices that the tab has received. */
  get notices(): number[] {
    return this.of("frame").map(({ bytes }) => numberOf(fields(bytes), 1));
  }

  /** The number of the last session on the connection. */
  get session(): number {
    return this.of("place").at(-1)?.session ?? expect.unreachable("no place");
  }
}

export function opened(stream: Stream, connectionId = "here"): void {
  stream.send({ frame: { case: "opened", value: { connectionId } } });
}

export function pong(stream: Stream, session: number, nonce: bigint): void {
  const frame = { frame: { case: "pong" as const, value: { nonce } } };
  stream.send({ frame: { case: "session", value: { session, frame } } });
}

/** An encoded `ConnectResponse` with a `NoticeFrame`, for which the page has no stub. */
export function noticeFrame(
  session: number,
  answer: MessageInitShape<typeof NoticeServiceWatchResponseSchema>,
): Bytes {
  const bytes = toBinary(
    NoticeServiceWatchResponseSchema,
    create(NoticeServiceWatchResponseSchema, answer),
  );
  const writer = new BinaryWriter().uint32(NOTICES).fork();
  writer.uint32(NUMBER).uint32(session).uint32(ANSWER).bytes(bytes);
  return Uint8Array.from(writer.join().finish());
}

/** Sends an answer of a stream of notices: a notice with this number. */
export function notice(stream: Stream, session: number, number: bigint): void {
  stream.pass(noticeFrame(session, { number, event: { case: "notice", value: { number } } }));
}

/** Time passes at a server that answers. */
export async function pass(server: Server, millis: number): Promise<void> {
  for (let left = millis; left > 0; left -= 1_000) {
    await server.clock.pass(Math.min(left, 1_000));
    server.stream.send({ frame: { case: "pong", value: { nonce: 1n } } });
  }
}
