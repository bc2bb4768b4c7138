// What this person typed and the server refused, whatever the reason: the person can copy it. It outlives the page in the
// browser's database.
//
// Not here: which cells a frame discards; the engine lists them.
// Invariant: a value that was refused stays on the page until the person dismisses it, and in the browser until the
// person copies or dismisses it. Where the values of a frame do not fit, its first are kept and the others are counted.
import { newId } from "../../base/ids.ts";
import { Store } from "../../base/store.ts";
import { count, plural } from "../../base/text.ts";
import type { UnsavedCell } from "../engine/unsaved-csv.ts";

/** Most bytes of the cells of one sheet that a page keeps. */
const KEPT_BYTES = 4 * 1024 * 1024;
/** Bytes of a cell besides its texts. */
const CELL_BYTES = 32;

/**
 * Refused cells by the id of their batch: those of one frame. The name `<id>/<number>` has no cells: so many were left
 * out. An earlier release reads it as an empty batch.
 */
export type Refused = Readonly<Record<string, readonly UnsavedCell[]>>;

/** Number of cells that the page keeps, and of those that it has left out. */
export interface Kept {
  readonly cells: number;
  readonly leftOut: number;
}

/** The storage of a sheet's refused edits. */
export interface RefusedStorage {
  read(): Promise<Refused | undefined>;
  /** Changes the stored value in one transaction, also when several tabs do so. */
  change(next: (refused: Refused | undefined) => Refused): Promise<void>;
}

function bytesOf({ column, text }: UnsavedCell): number {
  return CELL_BYTES + 2 * (column.length + text.length);
}

/** A batch without its cells, until the person copies or dismisses it. */
interface Held {
  bytes: number;
  /** Cells that this page has left out of it. */
  leftOut: number;
}

/** The number of left out cells in a name of the storage. */
function leftOutOf(name: string): number {
  return Number(name.split("/")[1] ?? 0);
}

/** The part of a name that stays: the number of left out cells grows. */
function idOf(name: string): string {
  return name.split("/", 1)[0] ?? name;
}

/** What a person reads of the refused cells. */
export function refusedText({ cells, leftOut }: Kept): string {
  const all = plural(cells + leftOut, "cell");
  if (leftOut > 0 && cells === 0)
    return `${all} could not be saved, and there is no room to keep what you typed there.`;
  const [are, them] = cells === 1 ? ["is", "it"] : ["are", "them"];
  if (leftOut > 0)
    return `${all} could not be saved. ${count(cells)} of ${all} ${are} kept; there is no room for more. This browser keeps ${them} until you copy or dismiss ${them}.`;
  return `${all} could not be saved. This browser keeps what you typed until you copy or dismiss it.`;
}

export class RefusedEdits {
  readonly kept = new Store<Kept>({ cells: 0, leftOut: 0 });
  readonly #storage: RefusedStorage;
  readonly #mostBytes: number;
  readonly #cells: UnsavedCell[] = [];
  /** Bytes of the cells that are neither copied nor dismissed. */
  #bytes = 0;
  /** The batches that the page shows, and the counts of other pages. */
  readonly #shown = new Set<string>();
  /** Those of them that are neither copied nor dismissed. */
  readonly #held = new Map<string, Held>();
  /** The batches that would be lost with the page. */
  readonly #unstored = new Map<string, readonly UnsavedCell[]>();
  /** The name with the number of cells that this page has left out, without the number. */
  readonly #own = newId();
  /** The number itself, without batches that the person has copied. */
  #leftOut = 0;
  #storing = false;
  /** Whether there is more to store after the present write. */
  #again = false;

  constructor(storage: RefusedStorage, mostBytes = KEPT_BYTES) {
    this.#storage = storage;
    this.#mostBytes = mostBytes;
  }

  /** Shows what earlier pages have stored. A browser without storage has nothing. */
  async load(): Promise<void> {
    const stored = (await this.#storage.read().catch(() => undefined)) ?? {};
    for (const [name, cells] of Object.entries(stored)) {
      const id = idOf(name);
      if (id === this.#own || this.#shown.has(id)) continue;
      this.#hold(id, cells, 0);
      this.#show(id, cells, leftOutOf(name));
    }
  }

  /** The batches of the cells that the page keeps. */
  ids(): ReadonlySet<string> {
    return new Set(this.#shown);
  }

  /** The cells that the page keeps. */
  list(): readonly UnsavedCell[] {
    return this.#cells;
  }

  /** Keeps the cells that a frame has discarded; `leftOut` further ones are not among them. */
  keep(cells: readonly UnsavedCell[], leftOut = 0): void {
    if (cells.length === 0 && leftOut === 0) return;
    const fitting = this.#fitting(cells);
    const missing = cells.length - fitting.length + leftOut;
    const id = newId();
    if (fitting.length > 0) this.#unstored.set(id, fitting);
    this.#hold(id, fitting, missing);
    this.#show(id, fitting, missing);
    this.#store();
  }

  /** Whether the edits would be lost with the page. */
  get isAtRisk(): boolean {
    return this.#unstored.size > 0;
  }

  /** The person has copied the edits of these batches: they stay on the page, and no longer in the browser. */
  copied(ids = this.ids()): void {
    for (const id of ids) {
      const { bytes, leftOut } = this.#held.get(id) ?? { bytes: 0, leftOut: 0 };
      this.#bytes -= bytes;
      this.#leftOut -= leftOut;
      this.#held.delete(id);
      this.#unstored.delete(id);
    }
    const left = (refused: Refused = {}) => {
      const others = Object.entries(refused).filter(([name]) => !ids.has(idOf(name)));
      return this.#counted(others);
    };
    void this.#storage.change(left).catch(() => undefined);
  }

  dismiss(): void {
    this.copied();
    this.#shown.clear();
    this.#cells.length = 0;
    this.kept.set({ cells: 0, leftOut: 0 });
  }

  /** The first of the cells, as far as they fit. */
  #fitting(cells: readonly UnsavedCell[]): readonly UnsavedCell[] {
    let [fitting, bytes] = [0, this.#bytes];
    for (const cell of cells) {
      bytes += bytesOf(cell);
      if (bytes > this.#mostBytes) break;
      fitting++;
    }
    return fitting === cells.length ? cells : cells.slice(0, fitting);
  }

  #hold(id: string, cells: readonly UnsavedCell[], leftOut: number): void {
    const bytes = cells.reduce((sum, cell) => sum + bytesOf(cell), 0);
    this.#held.set(id, { bytes, leftOut });
    this.#bytes += bytes;
    this.#leftOut += leftOut;
  }

  /** Entries of the storage, with the number of cells that this page has left out. */
  #counted(entries: readonly [string, readonly UnsavedCell[]][]): Refused {
    const others = entries.filter(([name]) => idOf(name) !== this.#own);
    if (this.#leftOut > 0) others.push([`${this.#own}/${this.#leftOut}`, []]);
    return Object.fromEntries(others);
  }

  #show(id: string, cells: readonly UnsavedCell[], leftOut: number): void {
    this.#shown.add(id);
    for (const cell of cells) this.#cells.push(cell);
    this.kept.set({ cells: this.#cells.length, leftOut: this.kept.get().leftOut + leftOut });
  }

  /** Stores what is not stored. What is refused during a write is stored by one further write. */
  #store(): void {
    this.#again = this.#storing;
    if (this.#storing) return;
    this.#storing = true;
    const batches = [...this.#unstored];
    const stored = this.#storage.change((refused = {}) =>
      this.#counted([...Object.entries(refused), ...batches]),
    );
    const end = () => {
      this.#storing = false;
      if (this.#again) this.#store();
    };
    // Without storage the browser asks before it leaves the page.
    stored.then(() => {
      for (const [id] of batches) this.#unstored.delete(id);
      end();
    }, end);
  }
}
