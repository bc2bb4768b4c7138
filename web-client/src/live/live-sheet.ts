// One open sheet: the engine, its connection, and the stores that components watch.
//
// What it is not: it draws nothing and knows no selection. Edits go into the engine, which shows them
// immediately; the connection sends them.
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { session } from "../api/session.ts";
import { newGroup, newId } from "../base/ids.ts";
import type { Area } from "../cells/area.ts";
import type { CellValue } from "../cells/values.ts";
import {
  type ClientFrame,
  type Hello,
  HelloSchema,
  SendRequestSchema,
  type ServerFrame,
  ServerFrameSchema,
} from "../gen/gridloom/v1/live_pb.ts";
import type { ColumnKind } from "../gen/gridloom/v1/values_pb.ts";
import { browser, repeat } from "./browser.ts";
import { Connection } from "./connection/connection.ts";
import { DraftWriter } from "./drafts/draft-writer.ts";
import type { Draft } from "./drafts/drafts.ts";
import { type EditLimits, editLimits } from "./engine/edit-limits.ts";
import { Cursor, type Engine, Gesture } from "./engine/engine.ts";
import { Hold } from "./engine/hold.ts";
import { Texts } from "./engine/texts.ts";
import { readUnsaved } from "./engine/unsaved.ts";
import type { UnsavedCell } from "./engine/unsaved-csv.ts";
import { authorOf } from "./notices/author.ts";
import { frameNotices } from "./notices/frame-notices.ts";
import type { Notice } from "./notices/notice.ts";
import type { RefusedEdits } from "./notices/refused-edits.ts";
import { roleNotice } from "./notices/role-notice.ts";
import { liveNetwork } from "./stream/live-network.ts";
import { requestStep } from "./undo/request-step.ts";
import { type Step, UndoQueue } from "./undo/undo-queue.ts";
import { LoadedRows } from "./view/loaded-rows.ts";
import type { Cell } from "./view/people.ts";
import { SheetView } from "./view/sheet-view.ts";
import type { Rows } from "./view/viewport.ts";

/** Milliseconds that an undo waits until all own edits are accepted. */
const SAVED_MILLIS = 5_000;
/** Milliseconds between two looks at which people have become idle. */
const PEOPLE_MILLIS = 30_000;

export class LiveSheet {
  /** Called when marks have moved under the changes of others. */
  onMarks: (rows: Uint32Array, cols: Uint32Array) => void = () => undefined;
  /** Whether edits that are not accepted yet outlive the page. */
  readonly keepsEdits: boolean;
  /** What the server has refused. */
  readonly refused: RefusedEdits;
  readonly #engine: Engine;
  readonly #notify: (notice: Notice) => void;
  readonly #view: SheetView;
  readonly #connection: Connection<Hello, ServerFrame, ClientFrame>;
  readonly #undo: UndoQueue;
  readonly #drafts: DraftWriter;
  readonly #rows: LoadedRows;
  readonly #accountId: string;
  #place: { cursor: Cell; selected: Area } | undefined;
  #editing = false;
  #steps = 0;
  readonly #onClose: (() => void)[] = [];
  readonly #refuse = (why: string): void =>
    this.#notify({ look: "error", text: `That can't be done: ${why}.` });

  /** Connects immediately. `draft` stores the edits that the server has not accepted. */
  constructor(
    { id, accountId, refused }: { id: string; accountId: string; refused: RefusedEdits },
    engine: Engine,
    draft: Draft,
    notify: (notice: Notice) => void,
  ) {
    this.#accountId = accountId;
    this.refused = refused;
    this.#engine = engine;
    this.#notify = notify;
    this.keepsEdits = draft.persistent;
    this.#drafts = new DraftWriter(draft, engine, browser);
    const { now, after, nextFrame } = browser;
    const surroundings = { now, after, nextFrame, accountId };
    this.#view = new SheetView(engine, surroundings, (count) => this.#drafts.changed(count));
    this.#rows = new LoadedRows(browser, ({ start, count }) => {
      engine.look(start, count);
      this.#connection.pump();
    });
    this.#undo = new UndoQueue({
      saved: () => this.saved(),
      call: (step, requestId) => requestStep(id, step, requestId, engine.place()),
      newId,
      notify: (look, text) => notify({ look, text }),
    });
    const urgent = () => this.unsaved() || !this.#view.welcomed;
    const { port, gate } = liveNetwork(urgent);
    const onPhase = this.#view.setPhase.bind(this.#view);
    this.#connection = new Connection(this, port, browser, gate, onPhase);
    this.#start();
  }

  #start(): void {
    const { retryNow } = this;
    this.onClose(browser.onNetwork(retryNow, () => this.#connection.networkLost()));
    // A new token, also after the person has signed in again, continues or resumes the session.
    this.onClose(
      session.subscribe(() => {
        if (session.get()?.accountId === this.#accountId) this.#connection.refresh();
        retryNow();
      }),
    );
    this.onClose(repeat(PEOPLE_MILLIS, () => this.#view.readPeople()));
    this.onClose(browser.onVisibility(this.#sendAway));
    this.#sendAway();
    this.#view.changed(true);
    void this.#connection.run();
  }

  /** Ends the session. Edits that are not accepted stay in the draft. */
  close(): void {
    for (const close of this.#onClose) close();
    this.#connection.stop();
    void this.#drafts.close();
  }

  /** Calls back when the sheet is closed. */
  onClose(then: () => void): void {
    this.#onClose.push(then);
  }

  /** True after a final refusal, until another attempt succeeds. */
  isClosed(): boolean {
    return this.#view.phase.kind === "closed";
  }

  /** False while the network or the server is away. */
  isReachable(): boolean {
    return ["online", "paused"].includes(this.#view.phase.kind);
  }

  readonly retryNow = (): void => this.#connection.retryNow();

  // The stores that components watch (see `SheetView`).

  get layout(): SheetView["layout"] {
    return this.#view.layout;
  }

  get version(): SheetView["version"] {
    return this.#view.version;
  }

  get status(): SheetView["status"] {
    return this.#view.status;
  }

  get people(): SheetView["people"] {
    return this.#view.people;
  }

  get sharing(): SheetView["sharing"] {
    return this.#view.sharing;
  }

  get comments(): SheetView["comments"] {
    return this.#view.comments;
  }

  get flashes(): SheetView["flashes"] {
    return this.#view.flashes;
  }

  // The connection's interface (see `Core`).

  hello(): Hello {
    return fromBinary(HelloSchema, this.#engine.hello());
  }

  unsaved(): boolean {
    return this.#engine.pending() > 0;
  }

  receive(frame: ServerFrame): string | undefined {
    const role = this.#engine.role();
    const { columns } = this.layout.get();
    const summary = this.#engine.receive(toBinary(ServerFrameSchema, frame));
    this.refused.keep(readUnsaved(summary.discarded(), columns), summary.discardedLeftOut);
    const changed = roleNotice(role, this.#engine.role());
    if (changed !== undefined) this.#notify(changed);
    const { sessionId } = summary;
    this.#view.noteActivity(frame);
    if (sessionId !== undefined) this.#view.setWelcomed();
    const author = authorOf(frame, this.#accountId);
    const by = () => (author === undefined ? undefined : this.nameOf(author));
    frameNotices(summary, by, this, this.#notify);
    this.flashes.add(summary.touched);
    if (summary.comments) this.comments.set(this.comments.get() + 1);
    if (summary.sharing) this.sharing.set(this.sharing.get() + 1);
    if (summary.people || summary.layout) this.#view.peopleChanged();
    if (summary.marks) this.onMarks(this.#engine.rowMarks(), this.#engine.colMarks());
    // The move of a person changes no cell.
    if (frame.frame.case !== "presence") this.#view.changed(summary.layout);
    summary.free();
    return sessionId;
  }

  outgoing(): ClientFrame[] {
    const bytes = this.#engine.outgoing();
    return bytes === undefined ? [] : fromBinary(SendRequestSchema, bytes).frames;
  }

  disconnected(): void {
    this.#engine.disconnected();
    this.#view.peopleUnknown();
    this.#view.changed(false);
  }

  // The page's interface.

  /** The cell's value; undefined while it is not loaded. */
  cell(row: number, col: number): CellValue | undefined {
    return this.#engine.cell(row, col);
  }

  /** Why a value does not fit its column; undefined when it does, or is not loaded. */
  misfit(row: number, col: number): string | undefined {
    return this.#engine.misfit(row, col);
  }

  /** Whether the server knows a kind of columns. */
  knowsKind(kind: ColumnKind): boolean {
    return this.#engine.knowsKind(kind);
  }

  /** How the values of a column are read and written. */
  texts(col: number): Texts {
    return new Texts(this.#engine.columnText(col));
  }

  /** How many values in the loaded rows of a column do not fit a kind. */
  misfits(col: number, kind: ColumnKind): number {
    const { start, count } = this.loaded();
    return this.#engine.misfits(start, count, col, kind);
  }

  /** The ids of rows; 0 for a row that is not loaded, and for an own new row until it is saved. */
  rowIds({ start, count }: Rows): BigUint64Array {
    return this.#engine.rowIds(start, count);
  }

  /** The position of a loaded row; undefined when no loaded row has the id. */
  rowOf(id: bigint): number | undefined {
    return this.#engine.rowOf(id);
  }

  /** The cells with edits that are not saved, as a person reads them. */
  unsavedCells(): UnsavedCell[] {
    const { columns } = this.layout.get();
    return readUnsaved(this.#engine.unsavedCells(), columns);
  }

  /** The size limits of one edit. */
  editLimits(): EditLimits {
    return editLimits(this.#engine);
  }

  /** Begins a change that a call makes: gives the place at which it can be undone. */
  beginStep(): bigint {
    this.#steps++;
    return this.#engine.place();
  }

  /** Number of changes of this tab, undone and redone ones too. */
  steps(): number {
    return this.#steps;
  }

  /** Own edits that the server has not accepted yet; the store `status` follows a frame later. */
  pending(): number {
    return this.#engine.pending();
  }

  /** Holds areas: they follow their rows and columns while others edit. The caller releases the hold. */
  hold(areas: readonly Area[]): Hold {
    return new Hold(this.#engine, areas);
  }

  /** The display name of an account, where it is known. */
  nameOf(accountId: string): string | undefined {
    return accountId === this.#accountId ? "you, in another window" : this.#view.nameOf(accountId);
  }

  /** Marks the selected lines (start, end, start, ...), so that they stay selected while others edit. */
  setMarks(rows: readonly number[], cols: readonly number[]): void {
    this.#engine.setMarks(Uint32Array.from(rows), Uint32Array.from(cols));
  }

  /** Sends this person's cursor and selection to the others. */
  sendPresence(cursor: Cell, selected: Area): void {
    this.#place = { cursor, selected };
    this.#sendPlace();
  }

  /** Sends to the others whether this window is hidden. */
  readonly #sendAway = (): void => {
    this.#engine.setAway(browser.isHidden());
    this.#connection.pump();
  };

  /** Sends to the others whether this person edits the cell of the cursor. */
  setEditing(editing: boolean): void {
    if (editing === this.#editing) return;
    this.#editing = editing;
    this.#sendPlace();
  }

  #sendPlace(): void {
    if (this.#place === undefined) return;
    const { cursor, selected } = this.#place;
    const { row, col, height, width } = selected;
    this.#engine.setCursor(
      new Cursor(cursor.row, cursor.col, row, col, height, width),
      this.#editing,
    );
    this.#connection.pump();
  }

  /** Loads the rows on the screen, with a margin. */
  setVisibleRows(visible: Rows): void {
    this.#rows.setVisible(visible);
  }

  /** The rows that are loaded or requested. */
  loaded(): Rows {
    return this.#rows.loaded();
  }

  /** See `LoadedRows.withLoaded`. */
  withRowsLoaded<T>(
    rows: () => Rows | undefined,
    millis: number,
    read: () => T | undefined,
  ): Promise<T | undefined> {
    return this.#rows.withLoaded(rows, millis, read);
  }

  /**
   * Makes an edit. Returns false when the engine refuses it, after `refuse` has shown the reason. One undo takes all
   * edits of a `group` back that follow one another.
   */
  edit(make: (engine: Engine) => void, refuse = this.#refuse, group = newGroup()): boolean {
    this.#steps++;
    try {
      this.#engine.setGroup(group);
      make(this.#engine);
    } catch (error) {
      refuse(error instanceof Error ? error.message : String(error));
      return false;
    }
    // Immediately: the next edit of the same gesture needs the lines that this one inserted.
    // The cursors of others stay on their cells, which it has moved.
    if (this.#view.readLayout()) this.#view.readPeople();
    this.#view.changed(false);
    this.#connection.pump();
    return true;
  }

  /** Makes all steps of a gesture as one edit. */
  make(build: (gesture: Gesture) => void, refuse?: (why: string) => void, group?: bigint): boolean {
    const make = (engine: Engine) => {
      const gesture = new Gesture();
      build(gesture);
      engine.make(gesture);
    };
    return this.edit(make, refuse, group);
  }

  /** Undoes what was done last in this tab, or redoes what was undone last. */
  undoRedo(step: Step): void {
    this.#steps++;
    void this.#undo.press(step);
  }

  /** Resolves to true when all own edits are accepted; to false after a timeout or a disconnection. */
  async saved(): Promise<boolean> {
    const deadline = browser.now() + SAVED_MILLIS;
    while (this.isReachable() && browser.now() < deadline) {
      if (this.#engine.pending() === 0) return true;
      await new Promise<void>((resolve) => browser.nextFrame(resolve));
    }
    return false;
  }
}
