import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { ListThreadsResponseSchema } from "../../gen/gridloom/v1/chat_pb.ts";
import { type ThreadPages, withNewest } from "./thread-pages.ts";

function page(ids: string, nextPageToken: string) {
  const threads = [...ids].map((id) => ({ id }));
  return create(ListThreadsResponseSchema, { threads, nextPageToken });
}

function shown({ pages }: ThreadPages): string {
  const last = pages.at(-1)?.nextPageToken ?? "";
  return `${pages.flatMap(({ threads }) => threads.map(({ id }) => id)).join("")} ${last}`;
}

const LOADED: ThreadPages = { pages: [page("abc", "1"), page("de", "2")], pageParams: ["", "1"] };

describe("the threads that were written last", () => {
  it("come before the others", () => {
    expect(shown(withNewest(LOADED, page("dab", "x")))).toBe("dabce 2");
  });

  it("have a new one among them", () => {
    expect(shown(withNewest(LOADED, page("nab", "x")))).toBe("nabcde 2");
  });

  it("replace the others when some may be missing in between", () => {
    expect(shown(withNewest(LOADED, page("xyz", "t")))).toBe("xyz t");
  });

  it("replace the others when there are no further ones", () => {
    expect(shown(withNewest(LOADED, page("ab", "")))).toBe("ab ");
  });
});
