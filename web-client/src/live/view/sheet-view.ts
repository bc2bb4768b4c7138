// The sheet as components watch it: layout, cells, status and people, each in a store.
//
// What it is not: it sends nothing and knows no selection.
// Invariant: the stores change at most once per animation frame, however many frames of the server
// arrive in between; an own edit also refreshes the layout immediately. A crowd is read less often (see pace.ts), and its
// moves change no cell.
import { fromBinary } from "@bufbuild/protobuf";
import { sameBytes } from "../../base/bytes.ts";
import { Store } from "../../base/store.ts";
import type { ServerFrame } from "../../gen/gridloom/v1/live_pb.ts";
import { Role } from "../../gen/gridloom/v1/roles_pb.ts";
import { SheetSchema } from "../../gen/gridloom/v1/sheets_pb.ts";
import type { Column } from "../../gen/gridloom/v1/values_pb.ts";
import type { Phase } from "../connection/interfaces.ts";
import type { Engine } from "../engine/engine.ts";
import { Activity } from "./activity.ts";
import { Flashes } from "./flashes.ts";
import { Pace } from "./pace.ts";
import { type Person, readPeople } from "./people.ts";

/** The shape of the sheet: all of it but its cells. */
export interface Layout {
  /** False until the server or a draft has given the columns. */
  known: boolean;
  name: string;
  columns: readonly Column[];
  rowCount: number;
  /** This account's role; unspecified until the server has sent it. */
  role: Role;
  canEdit: boolean;
}

export interface Status {
  phase: Phase;
  /** Own edits that the server has not accepted yet. */
  pending: number;
}

const UNKNOWN: Layout = {
  known: false,
  name: "",
  columns: [],
  rowCount: 0,
  role: Role.UNSPECIFIED,
  canEdit: false,
};
const CONNECTING: Phase = { kind: "connecting" };

/** The clock of the page, and the account that the sheet is opened for. */
interface Surroundings {
  now(): number;
  after(millis: number, then: () => void): () => void;
  nextFrame(then: () => void): void;
  accountId: string;
}

export class SheetView {
  readonly layout = new Store<Layout>(UNKNOWN);
  /** Increases whenever cells may look different. */
  readonly version = new Store(0);
  readonly status = new Store<Status>({ phase: CONNECTING, pending: 0 });
  /** The other participants of the sheet. */
  readonly people = new Store<readonly Person[]>([]);
  /** Increases whenever roles and links may have changed. */
  readonly sharing = new Store(0);
  /** Increases whenever comments may have changed. */
  readonly comments = new Store(0);
  /** Cells that others have just changed. */
  readonly flashes = new Flashes();
  readonly #engine: Engine;
  readonly #nextFrame: (then: () => void) => void;
  readonly #accountId: string;
  readonly #activity: Activity;
  readonly #pace: Pace;
  readonly #onPending: (pending: number) => void;
  /** Display names of the present and former participants, by account. */
  readonly #names = new Map<string, string>();
  /** The encoded layout that `layout` was read from. */
  #encoded: Uint8Array = new Uint8Array();
  #welcomed = false;
  #phase = CONNECTING;
  #stale = { layout: false, people: false, scheduled: false };

  /** `onPending` is called with the number of pending edits after each refresh. */
  constructor(
    engine: Engine,
    { now, after, nextFrame, accountId }: Surroundings,
    onPending: (pending: number) => void,
  ) {
    this.#engine = engine;
    this.#nextFrame = nextFrame;
    this.#accountId = accountId;
    this.#activity = new Activity(now);
    this.#pace = new Pace({ now, after, nextFrame }, () => {
      if (this.#stale.people) this.readPeople();
    });
    this.#onPending = onPending;
  }

  /** The connection's phase; the store `status` follows with the next refresh. */
  get phase(): Phase {
    return this.#phase;
  }

  setPhase(phase: Phase): void {
    this.#phase = phase;
    this.changed(true);
  }

  /** Whether a server has sent this sheet since the page opened it. */
  get welcomed(): boolean {
    return this.#welcomed;
  }

  setWelcomed(): void {
    this.#welcomed = true;
  }

  /** The display name of an account; undefined for one that was never here. */
  nameOf(accountId: string): string | undefined {
    if (this.#stale.people) this.readPeople();
    return this.#names.get(accountId);
  }

  /** Schedules a refresh of the stores; `layout`: the layout may have changed, too. */
  changed(layout: boolean): void {
    this.#stale.layout ||= layout;
    if (this.#stale.scheduled) return;
    this.#stale.scheduled = true;
    this.#nextFrame(() => this.#refresh());
  }

  #refresh(): void {
    const { layout } = this.#stale;
    this.#stale = { ...this.#stale, layout: false, scheduled: false };
    if (layout) this.readLayout();
    // Their places are those of the layout.
    if (layout && this.#stale.people) this.readPeople();
    this.version.set(this.version.get() + 1);
    const pending = this.#engine.pending();
    this.#onPending(pending);
    const old = this.status.get();
    if (old.phase !== this.#phase || old.pending !== pending)
      this.status.set({ phase: this.#phase, pending });
  }

  /** Notes which sessions a frame shows as active, before `readPeople`. */
  noteActivity(frame: ServerFrame): void {
    this.#activity.note(frame);
  }

  /** The people or their places may have changed: they are read soon, with a new layout at the latest. */
  peopleChanged(): void {
    this.#stale.people = true;
    this.#pace.ask();
  }

  /** Without a session the positions of others are unknown. */
  peopleUnknown(): void {
    this.#stale.people = false;
    this.people.set([]);
  }

  readPeople(): void {
    this.#stale.people = false;
    const people = readPeople(this.#engine.people(), this.#accountId, this.#activity);
    this.#pace.done(people.length);
    for (const { id, name } of people) this.#names.set(id, name);
    if (people.length > 0 || this.people.get().length > 0) this.people.set(people);
  }

  /** Returns whether the layout is another one. */
  readLayout(): boolean {
    const bytes = this.#engine.sheet();
    const old = this.layout.get();
    const { name, columns, rowCount } = fromBinary(SheetSchema, bytes);
    const known = this.#welcomed || columns.length > 0;
    const canEdit = known && this.#engine.canEdit() && !this.#closed();
    const role: Role = this.#engine.role();
    const same = old.known === known && old.canEdit === canEdit && old.role === role;
    if (same && sameBytes(bytes, this.#encoded)) return false;
    this.#encoded = bytes;
    this.flashes.clear();
    this.layout.set({ known, name, columns, rowCount, role, canEdit });
    return true;
  }

  /** True when the sheet accepts no more edits. After a sign-out it still does: a draft keeps them. */
  #closed(): boolean {
    return this.#phase.kind === "closed" && this.#phase.end !== "signed-out";
  }
}
