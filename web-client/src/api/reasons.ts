// What an error of the server carries beside its sentence: a stable reason, facts, the broken rule.
//
// What it is not: words for people, which `errors.ts` has. The details are read field by field from
// their wire form (google.rpc.ErrorInfo and BadRequest), so that no stubs of Google's are needed.
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { ConnectError } from "@connectrpc/connect";

/** The broken rule of a bad request: the path of the field, and the rest of the sentence. */
export interface Violation {
  field: string;
  rule: string;
}

export interface Reason {
  /** A stable name, such as `SHEET_NOT_FOUND`; empty when the error is not one of the server's own. */
  name: string;
  facts: ReadonlyMap<string, string>;
  violation: Violation | undefined;
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

/** What the server says of an error; an empty reason for errors of the network and of proxies. */
export function reasonOf(error: unknown): Reason {
  const reason: Reason = { name: "", facts: new Map(), violation: undefined };
  for (const detail of ConnectError.from(error).details) {
    if (!("type" in detail) || !("value" in detail) || typeof detail.type !== "string") continue;
    if (!(detail.value instanceof Uint8Array)) continue;
    try {
      const message = fields(detail.value);
      if (detail.type === "google.rpc.ErrorInfo") {
        reason.name = text(message, 1);
        reason.facts = factsOf(message);
      } else if (detail.type === "google.rpc.BadRequest") {
        const first = fields(message.get(1)?.[0] ?? new Uint8Array());
        reason.violation = { field: text(first, 1), rule: text(first, 2) };
      }
    } catch {
      // A detail that can't be read says nothing; the code of the error still does.
    }
  }
  return reason;
}
