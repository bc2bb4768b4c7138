// Edits that the server has refused because this person's right to edit has ended: the person can copy them. They
// outlive the page in the browser's database.
//
// Invariant: a value that was refused stays on the page until the person dismisses it, and in the browser until the
// person copies or dismisses it.
import { Code } from "@connectrpc/connect";
import { newId } from "../../base/ids.ts";
import { Store } from "../../base/store.ts";
import type { ServerFrame } from "../../gen/gridloom/v1/live_pb.ts";
import type { UnsavedCell } from "../engine/unsaved-csv.ts";

/** Whether the server refuses an edit by this frame because the role does not allow it. */
export function refusesForRole({ frame }: ServerFrame): boolean {
  return frame.case === "rejected" && frame.value.status?.code === Code.PermissionDenied;
}

/** A refused edit may have moved the lines of the cells, so their rows do not count. */
function keyOf({ column, text }: UnsavedCell): string {
  return JSON.stringify([column, text]);
}

/** The cells that are in `before` more often than in `after`. */
export function gone(before: readonly UnsavedCell[], after: readonly UnsavedCell[]): UnsavedCell[] {
  const left = new Map<string, number>();
  for (const cell of after) left.set(keyOf(cell), (left.get(keyOf(cell)) ?? 0) + 1);
  return before.filter((cell) => {
    const count = left.get(keyOf(cell)) ?? 0;
    left.set(keyOf(cell), count - 1);
    return count <= 0;
  });
}

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

  /** Runs `receive`, and keeps the unsaved cells that the frame removes for the role. */
  during<T>(frame: ServerFrame, unsaved: () => UnsavedCell[], receive: () => T): T {
    if (!refusesForRole(frame)) return receive();
    const before = unsaved();
    const received = receive();
    const lost = gone(before, unsaved());
    if (lost.length > 0) this.#add(newId(), lost);
    return received;
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

  #add(id: string, cells: readonly UnsavedCell[]): void {
    this.#unstored.add(id);
    this.#show(id, cells);
    const stored = this.#storage.change((refused) => ({ ...refused, [id]: cells }));
    // Without storage the browser asks before it leaves the page.
    stored.then(
      () => this.#unstored.delete(id),
      () => undefined,
    );
  }
}
