// What this person typed and the server refused, whatever the reason: the person can copy it. It outlives the page in the
// browser's database.
//
// Not here: which cells a frame discards; the engine lists them.
// Invariant: a value that was refused stays on the page until the person dismisses it, and in the browser until the
// person copies or dismisses it.
import { newId } from "../../base/ids.ts";
import { Store } from "../../base/store.ts";
import type { UnsavedCell } from "../engine/unsaved-csv.ts";

/** Refused cells by the id of their batch: those of one frame. */
export type Refused = Readonly<Record<string, readonly UnsavedCell[]>>;

/** The storage of a sheet's refused edits. */
export interface RefusedStorage {
  read(): Promise<Refused | undefined>;
  /** Changes the stored value in one transaction, also when several tabs do so. */
  change(next: (refused: Refused | undefined) => Refused): Promise<void>;
}

export class RefusedEdits {
  readonly cells = new Store<readonly UnsavedCell[]>([]);
  readonly #storage: RefusedStorage;
  /** The batches that the page shows. */
  readonly #shown = new Set<string>();
  /** The batches that would be lost with the page. */
  readonly #unstored = new Set<string>();

  constructor(storage: RefusedStorage) {
    this.#storage = storage;
  }

  /** Shows what earlier pages have stored. A browser without storage has nothing. */
  async load(): Promise<void> {
    const stored = (await this.#storage.read().catch(() => undefined)) ?? {};
    for (const [id, cells] of Object.entries(stored)) this.#show(id, cells);
  }

  /** Keeps the cells that a frame has discarded. */
  keep(cells: readonly UnsavedCell[]): void {
    if (cells.length === 0) return;
    const id = newId();
    this.#unstored.add(id);
    this.#show(id, cells);
    const stored = this.#storage.change((refused) => ({ ...refused, [id]: cells }));
    // Without storage the browser asks before it leaves the page.
    stored.then(
      () => this.#unstored.delete(id),
      () => undefined,
    );
  }

  /** Whether the edits would be lost with the page. */
  get isAtRisk(): boolean {
    return this.#unstored.size > 0;
  }

  /** The person has copied the edits: they stay on the page, and no longer in the browser. */
  copied(): void {
    const shown = new Set(this.#shown);
    this.#unstored.clear();
    const left = (refused: Refused = {}) =>
      Object.fromEntries(Object.entries(refused).filter(([id]) => !shown.has(id)));
    void this.#storage.change(left).catch(() => undefined);
  }

  dismiss(): void {
    this.copied();
    this.#shown.clear();
    this.cells.set([]);
  }

  #show(id: string, cells: readonly UnsavedCell[]): void {
    if (this.#shown.has(id)) return;
    this.#shown.add(id);
    this.cells.set([...this.cells.get(), ...cells]);
  }
}
