// The part of an open sheet that the grid's edits use, over a real engine without page and connection.
import { fromBinary } from "@bufbuild/protobuf";
import { type Engine, Gesture } from "../engine/pkg/web_engine.js";
import { newGroup } from "../src/base/ids.ts";
import type { Store } from "../src/base/store.ts";
import type { CellValue } from "../src/cells/values.ts";
import type { Role } from "../src/gen/gridloom/v1/roles_pb.ts";
import { SheetSchema } from "../src/gen/gridloom/v1/sheets_pb.ts";
import type { ColumnKind } from "../src/gen/gridloom/v1/values_pb.ts";
import { Hold } from "../src/live/engine/hold.ts";
import type { LiveSheet } from "../src/live/live-sheet.ts";
import { LoadedRows } from "../src/live/view/loaded-rows.ts";
import type { Layout } from "../src/live/view/sheet-view.ts";

type Make = (gesture: Gesture) => void;
type Refuse = (why: string) => void;

function layoutOf(engine: Engine): Layout {
  const { name, columns, rowCount } = fromBinary(SheetSchema, engine.sheet());
  const role: Role = engine.role();
  return { known: true, name, columns, rowCount, role, canEdit: engine.canEdit() };
}

/** `cells`: the limit of one edit. `sends`: the engine sends each edit immediately. */
export function sheetOver(engine: Engine, cells = 100_000, sends = true): LiveSheet {
  const edit = (
    make: (engine: Engine) => void,
    refuse: Refuse = () => undefined,
    group = newGroup(),
  ): boolean => {
    try {
      engine.setGroup(group);
      make(engine);
    } catch (error) {
      refuse(error instanceof Error ? error.message : String(error));
      return false;
    }
    if (sends) engine.outgoing();
    return true;
  };
  const nextFrame = (then: () => void) => void setImmediate(then);
  const clock = { now: () => performance.now(), nextFrame };
  const rows = new LoadedRows(clock, ({ start, count }) => engine.look(start, count));
  const sheet = {
    withRowsLoaded: rows.withLoaded.bind(rows),
    layout: { get: () => layoutOf(engine) } as Store<Layout>,
    editLimits: () => ({ cells, bytes: 1_000_000 }),
    cell: (row: number, col: number) => engine.cell(row, col),
    misfits: (col: number, kind: ColumnKind) => engine.misfits(0, 100, col, kind),
    hold: (areas: ConstructorParameters<typeof Hold>[1]) => new Hold(engine, areas),
    texts: (col: number) => {
      const column = engine.columnText(col);
      return {
        pasted: (text: string) => column.readText(text, ""),
        typed: (text: string) => column.readTyped(text, ""),
        edited: (value: CellValue) => column.editedText(value, ""),
        refusal: (value: CellValue) => column.refusal(value),
      };
    },
    nameOf: () => "Ada",
    pending: () => engine.pending(),
    edit,
    make: (build: Make, refuse?: Refuse, group?: bigint) => {
      const gesture = new Gesture();
      return edit(
        () => {
          build(gesture);
          engine.make(gesture);
        },
        refuse,
        group,
      );
    },
  };
  return sheet as unknown as LiveSheet;
}
