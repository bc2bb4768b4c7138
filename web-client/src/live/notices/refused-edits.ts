// What this person typed and the server refused, whatever the reason: the person can copy it. It outlives the page in the
// browser's database.
//
// Not here: which cells a frame discards; the engine lists them.
// Invariant: a value that was refused stays on the page until the person dismisses it, and in the browser until the
// person copies or dismisses it. Where the values do not fit, the first are kept and the others are counted.
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

/** The number of left out cells in a name of the storage. */
function leftOutOf(name: string): number {
  return Number(name.split("/")[1] ?? 0);
}

/** What a person reads of the refused cells. */
export function refusedText({ cells, leftOut }: Kept): string {
  const all = plural(cells + leftOut, "cell");
  const isOne = cells === 1;
  const [first, are, them] = isOne ? ["", "is", "it"] : [` ${count(cells)}`, "are", "them"];
  if (leftOut > 0)
    return `${all} could not be saved. The first${first} of ${all} ${are} kept; there is no room for more. This browser keeps ${them} until you copy or dismiss ${them}.`;
  return `${all} could not be saved. This browser keeps what you typed until you copy or dismiss it.`;
}

export class RefusedEdits {
  readonly kept = new Store<Kept>({ cells: 0, leftOut: 0 });
  readonly #storage: RefusedStorage;
  readonly #mostBytes: number;
  readonly #cells: UnsavedCell[] = [];
  #bytes = 0;
  /** The batches that the page shows. */
  readonly #shown = new Set<string>();
  /** The batches that would be lost with the page. */
  readonly #unstored = new Map<string, readonly UnsavedCell[]>();
  /** The start of the name with the number of cells that this page has left out. */
  readonly #own = `${newId()}/`;
  /** The number itself, since the person has copied the edits. */
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
    for (const [id, cells] of Object.entries(stored)) {
      if (id.startsWith(this.#own) || this.#shown.has(id)) continue;
      for (const cell of cells) this.#bytes += bytesOf(cell);
      this.#show(id, cells, leftOutOf(id));
    }
  }

  /** The cells that the page keeps. */
  list(): readonly UnsavedCell[] {
    return this.#cells;
  }

  /** Keeps the cells that a frame has discarded; `leftOut` further ones are not among them. */
  keep(cells: readonly UnsavedCell[], leftOut = 0): void {
    if (cells.length === 0 && leftOut === 0) return;
    const fitting = this.#fitting(cells);
    // What is kept are the first cells: none follows those that are left out.
    if (leftOut > 0) this.#bytes = Number.POSITIVE_INFINITY;
    const missing = cells.length - fitting.length + leftOut;
    const id = newId();
    if (fitting.length > 0) this.#unstored.set(id, fitting);
    this.#leftOut += missing;
    this.#show(id, fitting, missing);
    this.#store();
  }

  /** Whether the edits would be lost with the page. */
  get isAtRisk(): boolean {
    return this.#unstored.size > 0;
  }

  /** The person has copied the edits: they stay on the page, and no longer in the browser. */
  copied(): void {
    const shown = new Set(this.#shown);
    this.#unstored.clear();
    this.#leftOut = 0;
    const isLeft = (id: string) => !shown.has(id) && !id.startsWith(this.#own);
    const left = (refused: Refused = {}) =>
      Object.fromEntries(Object.entries(refused).filter(([id]) => isLeft(id)));
    void this.#storage.change(left).catch(() => undefined);
  }

  dismiss(): void {
    this.copied();
    this.#shown.clear();
    this.#cells.length = 0;
    this.#bytes = 0;
    this.kept.set({ cells: 0, leftOut: 0 });
  }

  /** The first of the cells, as far as they fit. After one that does not, no other fits. */
  #fitting(cells: readonly UnsavedCell[]): readonly UnsavedCell[] {
    let fitting = 0;
    for (const cell of cells) {
      this.#bytes += bytesOf(cell);
      if (this.#bytes > this.#mostBytes) break;
      fitting++;
    }
    return fitting === cells.length ? cells : cells.slice(0, fitting);
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
    const counted: [string, readonly UnsavedCell[]][] =
      this.#leftOut > 0 ? [[`${this.#own}${this.#leftOut}`, []]] : [];
    const stored = this.#storage.change((refused = {}) => {
      const others = Object.entries(refused).filter(([id]) => !id.startsWith(this.#own));
      return Object.fromEntries([...others, ...batches, ...counted]);
    });
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
