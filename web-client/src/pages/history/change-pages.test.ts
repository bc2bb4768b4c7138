import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import {
  type ListChangesResponse,
  ListChangesResponseSchema,
} from "../../gen/gridloom/v1/history_pb.ts";
import { type ChangePages, withNewest } from "./change-pages.ts";

/** A page with the revisions from `newest` down to `oldest`. */
function page(newest: number, oldest: number, nextPageToken: string): ListChangesResponse {
  const count = newest - oldest + 1;
  const changes = Array.from({ length: count }, (_, i) => ({ revision: BigInt(newest - i) }));
  return create(ListChangesResponseSchema, { changes, nextPageToken });
}

function revisions({ pages }: ChangePages): number[] {
  return pages.flatMap(({ changes }) => changes.map(({ revision }) => Number(revision)));
}

const LOADED: ChangePages = {
  pages: [page(10, 6, "a"), page(5, 3, "b")],
  pageParams: ["", "a"],
};

describe("the newest changes", () => {
  it("are put before those that are loaded", () => {
    const joined = withNewest(LOADED, page(12, 8, "z"));
    expect(revisions(joined)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3]);
    expect(joined.pages.at(-1)?.nextPageToken).toBe("b");
  });

  it("may begin directly after them", () => {
    expect(revisions(withNewest(LOADED, page(14, 11, "z")))).toHaveLength(12);
  });

  it("replace them after a gap", () => {
    const joined = withNewest(LOADED, page(20, 12, "z"));
    expect(revisions(joined)).toEqual([20, 19, 18, 17, 16, 15, 14, 13, 12]);
    expect(joined.pages.at(-1)?.nextPageToken).toBe("z");
  });

  it("replace an empty list", () => {
    const none = { pages: [page(0, 1, "")], pageParams: [""] };
    expect(revisions(withNewest(none, page(1, 1, "")))).toEqual([1]);
  });
});
