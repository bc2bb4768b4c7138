// The cells of the loaded rows with open comments, by ids.
//
// What it is not: it knows no positions, and draws nothing.
// Invariant: a row whose comments change while its cells are loaded is loaded once more.
import { Store } from "../../../base/store.ts";
import type { Corners } from "../../../grid/draw/corners.ts";
import type { CellId } from "../../../live/view/cell-id.ts";

/** The cells with open comments of some rows. */
interface Counted {
  cells: readonly CellId[];
  /** There are more than one answer has. */
  cellsLeftOut: boolean;
}

interface Surroundings {
  /** The ids of the rows that are loaded now. */
  rowIds: () => Iterable<bigint>;
  load: (rowIds: bigint[]) => Promise<Counted>;
  /** Runs after a while; returns a function that stops it. */
  after: (millis: number, then: () => void) => () => void;
}

/** The most rows of one request; the server's limit. */
const ROWS_MOST = 1_000;
/** The most rows that are kept while they are not loaded. */
const KEPT_ROWS = 5_000;
/** Milliseconds before a request is made again after an error. */
const RETRY_MILLIS = 5_000;

export class CommentedCells {
  readonly corners: Store<Corners>;
  readonly #around: Surroundings;
  /** The columns of the cells with open comments, by row; a row without comments has none. */
  readonly #rows = new Map<bigint, ReadonlySet<string>>();
  /** The rows of the request that is under way, without those that have changed since. */
  readonly #loading = new Set<bigint>();
  /** The rows whose cells may have changed since. */
  readonly #old = new Set<bigint>();
  #isRunning = false;
  #isStopped = false;
  #cancelRetry: () => void = () => undefined;

  constructor(around: Surroundings, corners = new Store<Corners>(new Map())) {
    this.#around = around;
    this.corners = corners;
  }

  /** Loads the cells of the loaded rows that are not known. */
  look(): void {
    this.#cancelRetry();
    if (!this.#isRunning && !this.#isStopped) void this.#run();
  }

  /** Comments of a row, or of any row, have changed: loads the cells again, and shows the old marks meanwhile. */
  changed(rowId: bigint | undefined): void {
    for (const id of rowId === undefined ? this.#rows.keys() : [rowId]) this.#old.add(id);
    if (rowId === undefined) this.#loading.clear();
    else this.#loading.delete(rowId);
    this.look();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelRetry();
    this.corners.set(new Map());
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    try {
      for (let due = this.#due(); due.length > 0 && !this.#isStopped; due = this.#due())
        await this.#load(due);
    } catch {
      // The marks stay as they are; the status of the sheet shows that the server is away.
      if (!this.#isStopped) this.#cancelRetry = this.#around.after(RETRY_MILLIS, () => this.look());
    } finally {
      this.#isRunning = false;
    }
  }

  #due(): bigint[] {
    const isDue = (id: bigint) => id !== 0n && (!this.#rows.has(id) || this.#old.has(id));
    return [...this.#around.rowIds()].filter(isDue).slice(0, ROWS_MOST);
  }

  async #load(due: bigint[]): Promise<void> {
    this.#loading.clear();
    for (const id of due) this.#loading.add(id);
    const cells = await this.#cells(due);
    if (this.#isStopped) return;
    const found = new Map(due.map((id) => [id, new Set<string>()]));
    for (const { rowId, columnId } of cells) found.get(rowId)?.add(columnId);
    for (const [id, row] of found) {
      this.#rows.set(id, row);
      if (this.#loading.has(id)) this.#old.delete(id);
      else this.#old.add(id);
    }
    this.#trim();
    this.#publish();
  }

  /** Asks for half of the rows at a time where one answer has not all of their cells. */
  async #cells(rowIds: bigint[]): Promise<readonly CellId[]> {
    const { cells, cellsLeftOut } = await this.#around.load(rowIds);
    if (!cellsLeftOut || rowIds.length === 1) return cells;
    const half = rowIds.length >> 1;
    const first = await this.#cells(rowIds.slice(0, half));
    return [...first, ...(await this.#cells(rowIds.slice(half)))];
  }

  #trim(): void {
    if (this.#rows.size <= KEPT_ROWS) return;
    const loaded = new Set(this.#around.rowIds());
    for (const id of this.#rows.keys()) {
      if (loaded.has(id)) continue;
      this.#rows.delete(id);
      this.#old.delete(id);
    }
  }

  #publish(): void {
    const corners = new Map<string, Set<bigint>>();
    for (const [id, row] of this.#rows)
      for (const columnId of row) {
        const rows = corners.get(columnId) ?? new Set();
        corners.set(columnId, rows.add(id));
      }
    if (!isSame(corners, this.corners.get())) this.corners.set(corners);
  }
}

function isSame(one: Corners, other: Corners): boolean {
  const equal = (rows: ReadonlySet<bigint>, others: ReadonlySet<bigint> | undefined) =>
    rows.size === others?.size && [...rows].every((id) => others.has(id));
  return one.size === other.size && [...one].every(([id, rows]) => equal(rows, other.get(id)));
}
