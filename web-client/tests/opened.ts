// An open sheet for tests: the real engine, with frames as the server sends them.
import { readFileSync } from "node:fs";
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { Engine, initSync } from "../engine/pkg/web_engine.js";
import {
  type LimitsSchema,
  SendRequestSchema,
  ServerFrameSchema,
} from "../src/gen/gridloom/v1/live_pb.ts";
import { Role } from "../src/gen/gridloom/v1/roles_pb.ts";
import { ColumnKind, type DeltaSchema } from "../src/gen/gridloom/v1/values_pb.ts";

type Frame = NonNullable<MessageInitShape<typeof ServerFrameSchema>["frame"]>;

/** Loads the engine from its file. */
export function loadEngine(): void {
  const path = new URL("../engine/pkg/web_engine_bg.wasm", import.meta.url);
  initSync({ module: readFileSync(path) });
}

export function receive(engine: Engine, frame: Frame) {
  return engine.receive(toBinary(ServerFrameSchema, create(ServerFrameSchema, { frame })));
}

export function sent(engine: Engine) {
  const bytes = engine.outgoing();
  return bytes === undefined ? [] : fromBinary(SendRequestSchema, bytes).frames;
}

/** A sheet of 100 rows and two columns at revision 7. `more`: further limits of the server. */
export function welcome(
  kinds = [ColumnKind.TEXT, ColumnKind.NUMBER],
  more: MessageInitShape<typeof LimitsSchema> = {},
): Frame {
  const columns = kinds.map((kind, i) => ({
    id: `${i + 1}`,
    name: ["Item", "Count"][i] ?? "",
    kind,
  }));
  const value = {
    sessionId: "session",
    clientId: "01234567-89ab-cdef-0123-456789abcdef",
    epoch: 1n,
    revision: 7n,
    committedRevision: 7n,
    role: Role.OWNER,
    columns,
    rowCount: 100,
    limits: { cellBytes: 65536, editCells: 100_000, columns: 16_384, rows: 50_000_000, ...more },
    name: "Stock",
  };
  return { case: "welcome", value };
}

/** That sheet, open, with no cell loaded. */
export function open(kinds?: ColumnKind[], more?: MessageInitShape<typeof LimitsSchema>): Engine {
  const engine = new Engine("sheet", 7n);
  engine.look(0, 50);
  engine.hello();
  receive(engine, welcome(kinds, more));
  return engine;
}

/** Loads rows of a sheet with two columns: these texts in the first column, empty cells in the second. */
export function load(
  engine: Engine,
  texts: readonly string[] = Array(50).fill(""),
  startRow = 0,
): void {
  const rows = texts.map((value, i) => ({
    rowId: BigInt(startRow + i + 1),
    values: value === "" ? [] : [{ kind: { case: "text", value } as const }],
  }));
  const window = { revision: 7n, startRow, startCol: 0, columnCount: 2, rows, last: true };
  receive(engine, { case: "window", value: window });
}

/** A change by another person at revision 8, or a later one. */
export function change(delta: MessageInitShape<typeof DeltaSchema>, revision = 8n): Frame {
  return { case: "changes", value: { changes: [{ revision, authorId: "other", delta }] } };
}
