// The few messages of the protocol that the worker reads and writes, as bytes: the generated stubs would make the
// worker ten times as large.
//
// What it is not: a reader of frames. The frame of a session passes through as it is.

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

export type Fields = ReadonlyMap<number, number | Uint8Array<ArrayBuffer>>;

/** A frame of a connection. */
export type ConnectFrame =
  | { kind: "opened"; connectionId: string }
  /** A frame of a session, or an answer of a stream of notices. */
  | { kind: "frame"; session: number; bytes: Uint8Array<ArrayBuffer> }
  | { kind: "end"; session: number; status: Uint8Array<ArrayBuffer> }
  /** The answer to a call, or a frame of a later version. */
  | { kind: "other" };

/** The fields of a message by number: the last value of each. Numbers above 2^53 are not exact. */
export function fields(bytes: Uint8Array<ArrayBuffer>): Fields {
  const found = new Map<number, number | Uint8Array<ArrayBuffer>>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const [number, type] = [Math.floor(tag / 8), tag % 8];
    if (type === VARINT) found.set(number, varint());
    else if (type === BYTES) {
      const length = varint();
      found.set(number, bytes.subarray(at, at + length));
      at += length;
    } else if (type === FIXED64) at += 8;
    else if (type === FIXED32) at += 4;
    else break;
  }
  return found;
}

const NONE = new Uint8Array();

export function bytesOf(message: Fields, number: number): Uint8Array<ArrayBuffer> {
  const value = message.get(number);
  return value instanceof Uint8Array ? value : NONE;
}

export function numberOf(message: Fields, number: number): number {
  const value = message.get(number);
  return typeof value === "number" ? value : 0;
}

export function textOf(message: Fields, number: number): string {
  return new TextDecoder().decode(bytesOf(message, number));
}

/** The fields of a `ConnectResponse` with a frame; both hold the number, and then the frame. */
const SESSION = 2;
const NOTICES = 5;

/** Reads a `ConnectResponse`. */
export function connectFrame(bytes: Uint8Array<ArrayBuffer>): ConnectFrame {
  const message = fields(bytes);
  const part = (number: number) => fields(bytesOf(message, number));
  if (message.has(1)) return { kind: "opened", connectionId: textOf(part(1), 1) };
  const frame = [SESSION, NOTICES].find((number) => message.has(number));
  if (frame !== undefined) {
    const of = part(frame);
    return { kind: "frame", session: numberOf(of, 1), bytes: bytesOf(of, 2) };
  }
  if (message.has(3)) {
    const of = part(3);
    return { kind: "end", session: numberOf(of, 1), status: bytesOf(of, 2) };
  }
  return { kind: "other" };
}

/**
 * A message with a text in field 1 and numbers in the fields after it: `DetachRequest`, `KeepConnectionRequest` and
 * `AttachNoticesRequest`.
 */
export function request(text: string, ...numbers: number[]): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(text);
  const rest = numbers.flatMap((number, at) => [(at + 2) * 8, ...varintOf(number)]);
  return Uint8Array.from([0x0a, ...varintOf(bytes.length), ...bytes, ...rest]);
}

/** A `NoticeServiceWatchResponse` without an event: where the stream is. */
export function noticePoint(number: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([0x08, ...varintOf(number)]);
}

function varintOf(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) + 128);
  return [...bytes, left];
}
