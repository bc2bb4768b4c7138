// Reads the details of a server's error: a stable reason, facts, and the violated rule.
//
// What it is not: messages for people (see errors.ts). It decodes google.rpc.ErrorInfo, BadRequest and
// RetryInfo field by field, so that the page needs no stubs for them.
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { ConnectError } from "@connectrpc/connect";

/** The violated rule of a bad request: the path of the field, and the sentence after it. */
export interface Violation {
  field: string;
  rule: string;
}

export interface Reason {
  /** A stable name, such as `SHEET_NOT_FOUND`; empty when the error is not one of the server's own. */
  name: string;
  facts: ReadonlyMap<string, string>;
  violation: Violation | undefined;
  /** The wait before another attempt, where one can help. */
  retryMillis: number | undefined;
}

type Fields = Map<number, Uint8Array[]>;

/** The length-delimited fields of a message, by number. */
function fields(bytes: Uint8Array): Fields {
  const found: Fields = new Map();
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    if (type === WireType.LengthDelimited)
      found.set(number, [...(found.get(number) ?? []), reader.bytes()]);
    else reader.skip(type, number);
  }
  return found;
}

function text(message: Fields, number: number): string {
  return new TextDecoder().decode(message.get(number)?.at(-1));
}

function factsOf(info: Fields): Map<string, string> {
  const entries = (info.get(3) ?? []).map(fields);
  return new Map(entries.map((entry) => [text(entry, 1), text(entry, 2)]));
}

/** A google.protobuf.Duration. */
function millis(duration: Uint8Array): number {
  const reader = new BinaryReader(duration);
  let sum = 0;
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    if (number === 1) sum += Number(reader.int64()) * 1000;
    else if (number === 2) sum += reader.int32() / 1e6;
    else reader.skip(type, number);
  }
  return sum;
}

/** Adds one detail to the reason. */
function read(type: string, message: Fields, reason: Reason): void {
  if (type === "google.rpc.ErrorInfo") {
    reason.name = text(message, 1);
    reason.facts = factsOf(message);
  } else if (type === "google.rpc.BadRequest") {
    const first = fields(message.get(1)?.[0] ?? new Uint8Array());
    reason.violation = { field: text(first, 1), rule: text(first, 2) };
  } else if (type === "google.rpc.RetryInfo") {
    reason.retryMillis = millis(message.get(1)?.[0] ?? new Uint8Array());
  }
}

/** The server's details of an error; an empty reason for errors of the network and of proxies. */
export function reasonOf(error: unknown): Reason {
  const reason: Reason = {
    name: "",
    facts: new Map(),
    violation: undefined,
    retryMillis: undefined,
  };
  for (const detail of ConnectError.from(error).details) {
    if (!("type" in detail) || !("value" in detail) || typeof detail.type !== "string") continue;
    if (!(detail.value instanceof Uint8Array)) continue;
    try {
      read(detail.type, fields(detail.value), reason);
    } catch {
      // A malformed detail is ignored; the code of the error remains.
    }
  }
  return reason;
}
