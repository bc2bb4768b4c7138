// A hold: areas of the sheet that an open editor, a menu or a drag keeps track of. The areas follow their rows
// and columns when others move them. When those are deleted, the hold is lost and names the account.
//
// What it is not: a copy of the cells. The code that creates a hold releases it.
import type { Area } from "../../cells/area.ts";
import type { Engine, Lost } from "./engine.ts";

/** Why an area of a hold is lost. */
export interface Loss {
  axis: "row" | "column";
  /**
   * own: this person deleted it. other: `author` deleted it. refused: the server refused the edit that had
   * inserted it. reloaded: the sheet was loaded again from the start.
   */
  cause: "own" | "other" | "refused" | "reloaded";
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

  /** The present positions of its areas, in their original order; undefined for a lost area. */
  areas(): (Area | undefined)[] {
    if (this.#id === undefined) return [];
    const flat = this.#engine.held(this.#id);
    return Array.from({ length: flat.length / 4 }, (_, i) => {
      const [row = 0, col = 0, height = 0, width = 0] = flat.slice(4 * i, 4 * i + 4);
      return height > 0 ? { row, col, height, width } : undefined;
    });
  }

  /** The present position of its first area. */
  area(): Area | undefined {
    return this.areas()[0];
  }

  /** Why its first lost area is lost; undefined while it has all areas. */
  loss(): Loss | undefined {
    const lost = this.#id === undefined ? undefined : this.#engine.lost(this.#id);
    if (lost === undefined) return this.#id === undefined ? RELOADED : undefined;
    const loss = read(lost);
    lost.free();
    return loss;
  }

  release(): void {
    if (this.#id !== undefined) this.#engine.release(this.#id);
  }
}

/** The loss of a hold that the engine did not grant, because it is empty or there are too many. */
const RELOADED: Loss = { axis: "row", cause: "reloaded", author: undefined };
const CAUSES = ["own", "other", "refused"] as const;

function read({ rows, cause, author }: Lost): Loss {
  return {
    axis: rows ? "row" : "column",
    cause: CAUSES.find((known) => known === cause) ?? "reloaded",
    author,
  };
}

/** A loss as one sentence for the person; `nameOf` gives an account's display name. */
export function lossText(loss: Loss, nameOf: (accountId: string) => string | undefined): string {
  const { axis, cause, author } = loss;
  if (cause === "reloaded") return "The sheet was loaded again, and your place in it is lost.";
  if (cause === "refused") return `This ${axis} could not be saved, so it was removed.`;
  if (cause === "own") return `You deleted this ${axis}.`;
  const name = author === undefined ? undefined : nameOf(author);
  return name === undefined
    ? `This ${axis} was deleted by someone else.`
    : `This ${axis} was deleted by ${name}.`;
}
