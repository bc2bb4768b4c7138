// A place on the sheet that something holds for a while: an open editor, a menu, a drag. It follows its
// rows and columns wherever others move them; once they are deleted it is lost, and says by whom.
//
// What it is not: a copy of what the cells hold. The code that takes a hold releases it.
import type { Area } from "../../cells/area.ts";
import type { Engine, Lost } from "./engine.ts";

/** Why a place is lost. */
export interface Loss {
  axis: "row" | "column";
  cause: "own" | "other" | "refused" | "afresh";
  /** The account that deleted it, where that is known. */
  author: string | undefined;
}

export class Hold {
  readonly #engine: Engine;
  readonly #id: number | undefined;

  constructor(engine: Engine, areas: readonly Area[]) {
    this.#engine = engine;
    const flat = areas.flatMap(({ row, col, height, width }) => [row, col, height, width]);
    this.#id = engine.hold(Uint32Array.from(flat));
  }

  /** Where its places are now, in the order in which they were given; undefined for what is lost. */
  areas(): (Area | undefined)[] {
    if (this.#id === undefined) return [];
    const flat = this.#engine.held(this.#id);
    return Array.from({ length: flat.length / 4 }, (_, i) => {
      const [row = 0, col = 0, height = 0, width = 0] = flat.slice(4 * i, 4 * i + 4);
      return height > 0 ? { row, col, height, width } : undefined;
    });
  }

  /** Where its first place is now. */
  area(): Area | undefined {
    return this.areas()[0];
  }

  /** Why a place of it is lost; undefined while all of them stand. */
  loss(): Loss | undefined {
    const lost = this.#id === undefined ? undefined : this.#engine.lost(this.#id);
    if (lost === undefined) return this.#id === undefined ? AFRESH : undefined;
    const loss = read(lost);
    lost.free();
    return loss;
  }

  release(): void {
    if (this.#id !== undefined) this.#engine.release(this.#id);
  }
}

/** A place that could not be held is as good as lost. */
const AFRESH: Loss = { axis: "row", cause: "afresh", author: undefined };
const CAUSES = ["own", "other", "refused"] as const;

function read({ rows, cause, author }: Lost): Loss {
  return {
    axis: rows ? "row" : "column",
    cause: CAUSES.find((known) => known === cause) ?? "afresh",
    author,
  };
}

/** What happened to a place, for people: `nameOf` tells who an account is. */
export function lossText(loss: Loss, nameOf: (accountId: string) => string | undefined): string {
  const { axis, cause, author } = loss;
  if (cause === "afresh") return "The sheet was loaded again, and your place in it is lost.";
  if (cause === "refused") return `This ${axis} could not be saved, and is gone again.`;
  if (cause === "own") return `You deleted this ${axis}.`;
  const name = author === undefined ? undefined : nameOf(author);
  return name === undefined
    ? `This ${axis} was deleted by someone else.`
    : `This ${axis} was deleted by ${name}.`;
}
