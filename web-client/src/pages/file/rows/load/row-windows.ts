// The rows of a table that are on the screen, and some more: they are loaded in windows of rows and columns.
//
// What it is not: it knows no network (see load-rows.ts) and no element.
// Invariants: what is kept is bounded by WEIGHT_MOST, except for what is wanted. A window that is no longer wanted is not
// waited for: its call is cancelled. A few windows load at a time, those on the screen first.
import { Store } from "../../../../base/store.ts";
import type { Lines } from "../../../../cells/area.ts";
import type { CellValue } from "../../../../cells/values.ts";

/** Rows and columns of a window. */
export const WINDOW_ROWS = 200;
export const WINDOW_COLUMNS = 64;
/** Bytes that are kept, as they are estimated. */
const WEIGHT_MOST = 32 * 1024 * 1024;
/** Calls at a time, as many as the server answers at once. */
const CALLS_MOST = 2;
/** How long a movement waits for the next one, before it loads. */
const SETTLE_MILLIS = 40;
/** The pauses after calls that have failed. */
const [AGAIN_MILLIS, AGAIN_MOST_MILLIS] = [2_000, 30_000];

/** Cells of rows, those of each row in the order of its columns. */
export type Cells = readonly (readonly CellValue[])[];

/** Some rows. */
export interface LoadedRows {
  cells: Cells;
  /** The position of each in the table; none where that is the one that was asked for. */
  positions: readonly number[];
}

/** Loads rows: at least one, and at most as many as asked for. */
export type LoadRows = (rows: Lines, cols: Lines, signal: AbortSignal) => Promise<LoadedRows>;

export interface WindowsParts {
  rows: number;
  columns: number;
  load: LoadRows;
  /** Runs later; the result cancels it. */
  after: (millis: number, run: () => void) => () => void;
  /** Whether a call that has failed is repeated. */
  isTransient: (error: unknown) => boolean;
}

interface Window {
  rows: Lines;
  cols: Lines;
  cells: (readonly CellValue[])[];
  positions: number[];
  weight: number;
}

function weightOf(cells: Cells): number {
  let sum = 0;
  for (const row of cells)
    for (const value of row) sum += typeof value === "string" ? 32 + 2 * value.length : 16;
  return sum;
}

/** The numbers of the windows that lines are in. */
function numbers({ start, count }: Lines, size: number): number[] {
  const [first, last] = [Math.floor(start / size), Math.floor((start + count - 1) / size)];
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
}

export class RowWindows {
  /** Grows with each change of what can be shown. */
  readonly version = new Store(0);
  /** Why rows on the screen do not load; undefined while they do. */
  readonly problem = new Store<unknown>(undefined);
  readonly #parts: WindowsParts;
  /** The last used ones are at the end. */
  readonly #windows = new Map<string, Window>();
  readonly #calls = new Map<string, AbortController>();
  #wanted: ReadonlySet<string> = new Set();
  #weight = 0;
  #top = 0;
  #failures = 0;
  /** A call has failed that no repetition helps. */
  #isStuck = false;
  #cancel: (() => void) | undefined;

  constructor(parts: WindowsParts) {
    this.#parts = parts;
  }

  /** The value of a cell; undefined while it is not loaded. */
  cell(row: number, col: number): CellValue | undefined {
    const window = this.#windows.get(this.#keyOf(row, col));
    return window?.cells[row - window.rows.start]?.[col - window.cols.start];
  }

  /** The position in the table of a row of a view, which has come with its cell in a column; undefined while it is not loaded. */
  position(row: number, col: number): number | undefined {
    const window = this.#windows.get(this.#keyOf(row, col));
    return window?.positions[row - window.rows.start];
  }

  /** The cells of an area; undefined while one of them is not loaded. */
  cells(rows: Lines, cols: Lines): CellValue[][] | undefined {
    const all: CellValue[][] = [];
    for (let y = 0; y < rows.count; y++) {
      const row: CellValue[] = [];
      for (let x = 0; x < cols.count; x++) {
        const value = this.cell(rows.start + y, cols.start + x);
        if (value === undefined) return undefined;
        row.push(value);
      }
      all.push(row);
    }
    return all;
  }

  /** Says which cells are on the screen: they load, and then the next ones in the direction of the movement. */
  show(rows: Lines, cols: Lines): void {
    const down = rows.start >= this.#top;
    this.#top = rows.start;
    const shown = numbers(rows, WINDOW_ROWS);
    const edge = down ? (shown.at(-1) ?? 0) + 1 : (shown[0] ?? 0) - 1;
    const ahead = edge >= 0 && edge * WINDOW_ROWS < this.#parts.rows ? [edge] : [];
    const blocks = numbers(cols, WINDOW_COLUMNS);
    const keys = [...shown, ...ahead].flatMap((y) => blocks.map((x) => `${y}:${x}`));
    this.#wanted = new Set(keys);
    for (const key of keys) this.#touch(key);
    for (const [key, call] of this.#calls) if (!this.#wanted.has(key)) call.abort();
    this.#soon(SETTLE_MILLIS);
  }

  /** Loads again what did not load. */
  again(): void {
    this.#failures = 0;
    this.#isStuck = false;
    this.problem.set(undefined);
    this.#cancel?.();
    this.#cancel = undefined;
    this.#begin();
  }

  /** Ends all calls. */
  close(): void {
    this.#cancel?.();
    this.#wanted = new Set();
    for (const call of this.#calls.values()) call.abort();
  }

  #keyOf(row: number, col: number): string {
    return `${Math.floor(row / WINDOW_ROWS)}:${Math.floor(col / WINDOW_COLUMNS)}`;
  }

  /** Begins in a moment; a moment that has begun is not made longer. */
  #soon(millis: number): void {
    this.#cancel ??= this.#parts.after(millis, () => {
      this.#cancel = undefined;
      this.#begin();
    });
  }

  /** Makes a window the last used one. */
  #touch(key: string): void {
    const window = this.#windows.get(key);
    if (window === undefined) return;
    this.#windows.delete(key);
    this.#windows.set(key, window);
  }

  #isWhole(key: string): boolean {
    const window = this.#windows.get(key);
    return window !== undefined && window.cells.length >= window.rows.count;
  }

  #begin(): void {
    if (this.#isStuck) return;
    for (const key of this.#wanted) {
      if (this.#calls.size >= CALLS_MOST) return;
      if (!this.#calls.has(key) && !this.#isWhole(key)) void this.#run(key);
    }
  }

  async #run(key: string): Promise<void> {
    const call = new AbortController();
    this.#calls.set(key, call);
    try {
      await this.#fill(key, call.signal);
      this.#failures = 0;
      if (!call.signal.aborted) this.problem.set(undefined);
    } catch (error) {
      if (!call.signal.aborted) this.#failed(error);
    } finally {
      this.#calls.delete(key);
    }
    // After a failure, the pause decides.
    if (this.problem.get() === undefined) this.#begin();
  }

  #failed(error: unknown): void {
    this.problem.set(error);
    this.#isStuck = !this.#parts.isTransient(error);
    if (this.#isStuck) return;
    this.#soon(Math.min(AGAIN_MOST_MILLIS, AGAIN_MILLIS * 2 ** this.#failures++));
  }

  /** Loads what a window has not: an answer may have fewer rows. */
  async #fill(key: string, signal: AbortSignal): Promise<void> {
    const window = this.#windows.get(key) ?? this.#empty(key);
    const { rows, cols } = window;
    while (window.cells.length < rows.count) {
      const done = window.cells.length;
      const rest = { start: rows.start + done, count: rows.count - done };
      const { cells, positions } = await this.#parts.load(rest, cols, signal);
      signal.throwIfAborted();
      if (cells.length === 0) throw new Error("The server has sent no row");
      window.cells.push(...cells.slice(0, rest.count));
      window.positions.push(...positions.slice(0, rest.count));
      this.#keep(key, window, weightOf(cells));
      this.version.set(this.version.get() + 1);
    }
  }

  #empty(key: string): Window {
    const [y = 0, x = 0] = key.split(":").map(Number);
    const cut = (start: number, size: number, all: number) => ({
      start,
      count: Math.min(size, all - start),
    });
    const rows = cut(y * WINDOW_ROWS, WINDOW_ROWS, this.#parts.rows);
    return {
      rows,
      cols: cut(x * WINDOW_COLUMNS, WINDOW_COLUMNS, this.#parts.columns),
      cells: [],
      positions: [],
      weight: 0,
    };
  }

  #keep(key: string, window: Window, weight: number): void {
    window.weight += weight;
    this.#weight += weight;
    this.#windows.delete(key);
    this.#windows.set(key, window);
    for (const [other, { weight }] of this.#windows) {
      if (this.#weight <= WEIGHT_MOST) return;
      if (this.#wanted.has(other)) continue;
      this.#windows.delete(other);
      this.#weight -= weight;
    }
  }
}
