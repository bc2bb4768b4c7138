// One sheet that is open: the engine, its connection, and what components watch.
//
// What it is not: it draws nothing and knows no selection. Edits go into the engine, which shows them
// at once; everything that changes what is seen is told once per animation frame, however many frames
// from the server that frame held.
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { refusalText } from "../api/errors.ts";
import { session } from "../api/session.ts";
import { sameBytes } from "../app/bytes.ts";
import { newId } from "../app/ids.ts";
import { Store } from "../app/store.ts";
import type { UnsavedCell } from "../app/unsaved-csv.ts";
import {
  AcceptedSchema,
  type ClientFrame,
  type Hello,
  HelloSchema,
  SendRequestSchema,
  type ServerFrame,
  ServerFrameSchema,
} from "../gen/gridloom/v1/live_pb.ts";
import { SheetSchema } from "../gen/gridloom/v1/sheets_pb.ts";
import type { Column } from "../gen/gridloom/v1/values_pb.ts";
import { adoptLater } from "./adopt.ts";
import { browser } from "./browser.ts";
import { type Budget, budgetOf } from "./budget.ts";
import { conflictNotice } from "./conflicts.ts";
import { Connection } from "./connection.ts";
import { claimDrafts, type Draft, orphanedDrafts } from "./drafts.ts";
import { type CellValue, Cursor, type Engine, Gesture, type Heard, loadEngine } from "./engine.ts";
import { Flashes } from "./flashes.ts";
import { Hold } from "./hold.ts";
import { Keeper } from "./keeper.ts";
import type { Phase } from "./link.ts";
import { sharedStreams } from "./locks.ts";
import type { Notice } from "./notice.ts";
import { type Area, type Person, readPeople } from "./people.ts";
import { port, takeBack } from "./port.ts";
import { offerBack } from "./put-back.ts";
import { engineFor } from "./restore.ts";
import { Seeing } from "./seeing.ts";
import { Turns } from "./turns.ts";
import { type Step, UndoQueue } from "./undo.ts";
import { readUnsaved } from "./unsaved.ts";
import type { Rows } from "./viewport.ts";

/** What the sheet looks like apart from its cells. */
export interface Layout {
  /** False until the server has told it. */
  known: boolean;
  name: string;
  columns: readonly Column[];
  rowCount: number;
  canEdit: boolean;
}

export interface Status {
  phase: Phase;
  /** Own edits that the server has not accepted yet. */
  pending: number;
}

/** How long an undo waits until all own edits are accepted. */
const SAVED_MILLIS = 5_000;

const UNKNOWN: Layout = { known: false, name: "", columns: [], rowCount: 0, canEdit: false };

export class LiveSheet {
  readonly layout = new Store<Layout>(UNKNOWN);
  /** Counts up whenever cells may look different. */
  readonly version = new Store(0);
  readonly status = new Store<Status>({ phase: { kind: "connecting" }, pending: 0 });
  /** The others who have the sheet open. */
  readonly people = new Store<readonly Person[]>([]);
  /** Cells that others have just changed. */
  readonly flashes = new Flashes();
  /** Called when marks have moved under the changes of others. */
  onMarks: (rows: Uint32Array, cols: Uint32Array) => void = () => undefined;
  readonly #engine: Engine;
  readonly #notify: (notice: Notice) => void;
  readonly #connection: Connection<Hello, ServerFrame, ClientFrame>;
  readonly #undo: UndoQueue;
  readonly #keeper: Keeper;
  readonly #seeing: Seeing;
  readonly #accountId: string;
  /** What people are called who are or were here. */
  readonly #names = new Map<string, string>();
  /** Whether edits that are not accepted yet outlive the page. */
  readonly keepsEdits: boolean;
  /** The layout as the engine last told it. */
  #sheet: Uint8Array = new Uint8Array();
  /** Whether a server has told of the sheet since this page opened it. */
  #welcomed = false;
  #phase: Phase = { kind: "connecting" };
  #stale = { layout: false, scheduled: false };
  #unlisten: () => void = () => undefined;
  #unadopt: () => void = () => undefined;
  readonly #tellWhy = (why: string): void =>
    this.#notify({ look: "error", text: `That can't be done: ${why}.` });

  private constructor(
    { id, accountId }: { id: string; accountId: string },
    engine: Engine,
    draft: Draft,
    notify: (notice: Notice) => void,
  ) {
    this.#accountId = accountId;
    this.#engine = engine;
    this.#notify = notify;
    this.keepsEdits = draft.lasting;
    this.#keeper = new Keeper(draft, () => this.#engine.save(), browser);
    this.#seeing = new Seeing(browser, ({ start, count }) => {
      this.#engine.look(start, count);
      this.#connection.pump();
    });
    this.#undo = new UndoQueue({
      saved: () => this.#saved(),
      call: (step, requestId) => takeBack(id, step, requestId),
      newId,
      tell: (look, text) => this.#notify({ look, text }),
    });
    const gate = new Turns(browser, sharedStreams(), () => this.unsaved() || !this.#welcomed);
    this.#connection = new Connection(this, port, browser, gate, (phase) => {
      this.#phase = phase;
      this.#changed(true);
    });
  }

  /** Opens a sheet for an account, with the edits that it had not saved when its page was left. */
  static async open(
    id: string,
    accountId: string,
    notify: (notice: Notice) => void,
  ): Promise<LiveSheet> {
    await loadEngine();
    const [draft, ...others] = await claimDrafts(accountId, id);
    if (draft === undefined) throw new Error("there is always one draft");
    const of = { id, accountId };
    const adopt = (orphan: Draft) => LiveSheet.#start(of, orphan, notify).#closeWhenSaved();
    others.forEach(adopt);
    const sheet = LiveSheet.#start(of, draft, notify);
    const closed = () => sheet.#phase.kind === "closed";
    const find = async () => (closed() ? [] : await orphanedDrafts(accountId, id));
    sheet.#unadopt = adoptLater(find, adopt, browser.after);
    return sheet;
  }

  static #start(
    of: { id: string; accountId: string },
    draft: Draft,
    notify: (notice: Notice) => void,
  ): LiveSheet {
    const sheet = new LiveSheet(of, engineFor(of.id, draft, notify), draft, notify);
    const deaf = browser.onNetwork(
      () => sheet.#connection.retryNow(),
      () => sheet.#connection.networkLost(),
    );
    // Who signs in again goes on where the old token ended.
    const idle = session.subscribe(() => sheet.#connection.retryNow());
    sheet.#unlisten = () => {
      deaf();
      idle();
    };
    sheet.#changed(true);
    void sheet.#connection.run();
    return sheet;
  }

  /** Ends the session. What was not accepted is kept for the next time. */
  close(): void {
    this.#unlisten();
    this.#unadopt();
    this.#connection.stop();
    void this.#keeper.close();
  }

  /** For edits of another tab that is gone: they only have to be sent. */
  #closeWhenSaved(): void {
    const stop = this.status.subscribe(() => {
      const { phase, pending } = this.status.get();
      if (pending > 0 && phase.kind !== "closed") return;
      stop();
      this.close();
    });
  }

  readonly retryNow = (): void => this.#connection.retryNow();

  // What the connection asks for (see `Core`).

  hello(): Hello {
    return fromBinary(HelloSchema, this.#engine.hello());
  }

  unsaved(): boolean {
    return this.#engine.pending() > 0;
  }

  receive(frame: ServerFrame): string | undefined {
    const heard = this.#engine.receive(toBinary(ServerFrameSchema, frame));
    const { sessionId } = heard;
    this.#welcomed ||= sessionId !== undefined;
    this.#tell(heard);
    this.flashes.add(heard.touched);
    if (heard.people || heard.layout) this.#readPeople();
    if (heard.marks) this.onMarks(this.#engine.rowMarks(), this.#engine.colMarks());
    this.#changed(heard.layout);
    heard.free();
    return sessionId;
  }

  outgoing(): ClientFrame[] {
    const bytes = this.#engine.outgoing();
    return bytes === undefined ? [] : fromBinary(SendRequestSchema, bytes).frames;
  }

  disconnected(): void {
    this.#engine.disconnected();
    // Nobody knows where they are now.
    this.people.set([]);
    this.#changed(false);
  }

  // What the page asks for.

  /** undefined: not loaded yet. */
  cell(row: number, col: number): CellValue | undefined {
    return this.#engine.cell(row, col);
  }

  /** The cells with edits that are not saved, as a person reads them. */
  unsavedCells(): UnsavedCell[] {
    const { columns } = this.layout.get();
    return readUnsaved(this.#engine.unsavedCells(), columns);
  }

  /** What one edit may have. */
  budget(): Budget {
    return budgetOf(this.#engine);
  }

  /** Own edits that the server has not accepted yet, as of now. */
  pending(): number {
    return this.#engine.pending();
  }

  /** Holds places until they are let go: they stay on their lines while others edit. */
  hold(areas: readonly Area[]): Hold {
    return new Hold(this.#engine, areas);
  }

  /** What an account is called, as far as that is known here. */
  nameOf(accountId: string): string | undefined {
    return accountId === this.#accountId ? "you, in another window" : this.#names.get(accountId);
  }

  /** Selected lines (start, end, start, ...) that are to stay selected while others edit. */
  setMarks(rows: readonly number[], cols: readonly number[]): void {
    this.#engine.setMarks(Uint32Array.from(rows), Uint32Array.from(cols));
  }

  /** Tells the others where this person is. */
  present(
    { row, col }: { row: number; col: number },
    { row: top, col: left, height, width }: Area,
  ): void {
    this.#engine.setCursor(new Cursor(row, col, top, left, height, width));
    this.#connection.pump();
  }

  /** Has these rows loaded, with a margin. */
  see(visible: Rows): void {
    this.#seeing.see(visible);
  }

  /** The rows that are loaded, or will be. */
  loaded(): Rows {
    return this.#seeing.loaded();
  }

  /** See `Seeing.while`. */
  whileSeeing<T>(
    rows: () => Rows | undefined,
    millis: number,
    read: () => T | undefined,
  ): Promise<T | undefined> {
    return this.#seeing.while(rows, millis, read);
  }

  /** Makes an edit: true when it was made; otherwise `tell` has told the person why not. */
  edit(make: (engine: Engine) => void, tell = this.#tellWhy): boolean {
    try {
      make(this.#engine);
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error));
      return false;
    }
    // At once: the next edit of the same gesture must know the lines that this one made.
    this.#readLayout();
    // Others stand beside the same cells, wherever this edit has moved those.
    this.#readPeople();
    this.#changed(false);
    this.#connection.pump();
    return true;
  }

  /** Makes all of a gesture as one edit. */
  make(build: (gesture: Gesture) => void, tell?: (why: string) => void): boolean {
    return this.edit((engine) => {
      const gesture = new Gesture();
      build(gesture);
      engine.make(gesture);
    }, tell);
  }

  /** Takes the last own change back, or the last undo. */
  takeBack(step: Step): void {
    void this.#undo.press(step);
  }

  /** Resolves when all own edits are accepted; false when they will not be soon. */
  async #saved(): Promise<boolean> {
    const deadline = browser.now() + SAVED_MILLIS;
    const reachable = () => this.#phase.kind === "online" || this.#phase.kind === "paused";
    while (reachable() && browser.now() < deadline) {
      if (this.#engine.pending() === 0) return true;
      await new Promise<void>((resolve) => browser.nextFrame(resolve));
    }
    return false;
  }

  #tell(heard: Heard): void {
    for (const text of heard.refused)
      this.#notify({ look: "error", text: `Not saved. ${refusalText(text)}` });
    if (heard.lost > 0)
      this.#notify({
        look: "error",
        text: `The sheet was loaded afresh; ${heard.lost} of your edits could not be kept.`,
      });
    if (heard.conflictsLeftOut > 0)
      this.#notify({
        look: "info",
        text: `${heard.conflictsLeftOut} more of your cells were overwritten by others.`,
      });
    const notice = conflictNotice(fromBinary(AcceptedSchema, heard.conflicts).conflicts);
    if (notice === undefined) return;
    this.#notify({
      look: "info",
      text: notice.text,
      ...offerBack(this, notice.cells, this.#notify),
    });
  }

  #changed(layout: boolean): void {
    this.#stale.layout ||= layout;
    if (this.#stale.scheduled) return;
    this.#stale.scheduled = true;
    browser.nextFrame(() => this.#publish());
  }

  #publish(): void {
    const { layout } = this.#stale;
    this.#stale = { layout: false, scheduled: false };
    if (layout) this.#readLayout();
    this.version.set(this.version.get() + 1);
    const pending = this.#engine.pending();
    this.#keeper.changed(pending);
    const old = this.status.get();
    if (old.phase !== this.#phase || old.pending !== pending)
      this.status.set({ phase: this.#phase, pending });
  }

  #readPeople(): void {
    const people = readPeople(this.#engine.people());
    for (const { accountId, name } of people) this.#names.set(accountId, name);
    if (people.length > 0 || this.people.get().length > 0) this.people.set(people);
  }

  /** The sheet takes no more edits. Who is only signed out goes on: those are kept. */
  #refused(): boolean {
    return this.#phase.kind === "closed" && this.#phase.end !== "signed-out";
  }

  #readLayout(): void {
    const bytes = this.#engine.sheet();
    const old = this.layout.get();
    const { name, columns, rowCount } = fromBinary(SheetSchema, bytes);
    // A draft tells the columns, too; without either there is nothing to show.
    const known = this.#welcomed || columns.length > 0;
    const canEdit = known && this.#engine.canEdit() && !this.#refused();
    if (sameBytes(bytes, this.#sheet) && old.known === known && old.canEdit === canEdit) return;
    this.#sheet = bytes;
    this.flashes.clear();
    this.layout.set({ known, name, columns, rowCount, canEdit });
  }
}
