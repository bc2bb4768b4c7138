// Following a person: the view scrolls to where that person is, until one scrolls oneself.
//
// Invariant: the own cursor stays where it is.
import { Store } from "../../../base/store.ts";
import type { LiveSheet } from "../../../live/live-sheet.ts";
import type { Cell, Person } from "../../../live/view/people.ts";

type Watched = Pick<LiveSheet, "people" | "status">;

export class Follow {
  /** The person that is followed, as it was last seen. */
  readonly person = new Store<Person | undefined>(undefined);
  readonly #sheet: Watched;
  readonly #reveal: (cell: Cell) => void;
  readonly #onLeft: (name: string) => void;
  #shown = "";

  /** `onLeft` is called when the person that is followed leaves the sheet. */
  constructor(sheet: Watched, reveal: (cell: Cell) => void, onLeft: (name: string) => void) {
    this.#sheet = sheet;
    this.#reveal = reveal;
    this.#onLeft = onLeft;
  }

  /** Follows while the returned function is not called. */
  start(): () => void {
    return this.#sheet.people.subscribe(() => this.#update());
  }

  /** Follows a person, or no longer. */
  toggle(person: Person): void {
    const isFollowed = this.person.get()?.id === person.id;
    this.#shown = "";
    this.person.set(isFollowed ? undefined : person);
    this.#update();
  }

  readonly stop = (): void => this.person.set(undefined);

  #update(): void {
    const last = this.person.get();
    if (last === undefined) return;
    const person = this.#sheet.people.get().find(({ id }) => id === last.id);
    if (person === undefined) this.#missing(last.name);
    else this.#go(person);
  }

  #go(person: Person): void {
    this.person.set(person);
    const cell = person.editing ?? person.cursor;
    if (cell === undefined || this.#shown === `${cell.row}:${cell.col}`) return;
    this.#shown = `${cell.row}:${cell.col}`;
    this.#reveal(cell);
  }

  /** Without a connection the list of people is empty, which does not end the following. */
  #missing(name: string): void {
    if (this.#sheet.status.get().phase.kind !== "online") return;
    this.stop();
    this.#onLeft(name);
  }
}
