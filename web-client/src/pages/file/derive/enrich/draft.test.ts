import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { TableColumnSchema } from "../../../../gen/gridloom/v1/tables_pb.ts";
import { type EnrichDraft, enrichmentOf, FIRST_ENRICHMENT, placesOf, problemsOf } from "./draft.ts";

const COLUMNS = ["gtin", "shop"].map((name) => create(TableColumnSchema, { name }));
const GOOD: EnrichDraft = {
  ...FIRST_ENRICHMENT,
  url: " https://api.example.org/items/{gtin} ",
  key: 0,
  take: [{ id: 1, path: " price.amount ", name: "price" }],
};

function wrong(part: Partial<EnrichDraft>): readonly string[] {
  return [...problemsOf({ ...GOOD, ...part }, COLUMNS).keys()];
}

test("a whole enrichment has no problem", () => {
  expect(wrong({})).toEqual([]);
  expect(enrichmentOf(GOOD)).toEqual({
    url: "https://api.example.org/items/{gtin}",
    listPath: "",
    key: { column: { case: "at", value: 0 } },
    remoteKey: "",
    take: [{ path: "price.amount", name: "price" }],
    headers: [],
    requestsPerSecond: 0,
  });
});

test("nothing written is a problem of each field that is needed", () => {
  const found = [...problemsOf(FIRST_ENRICHMENT, COLUMNS).keys()];
  expect(found).toEqual(["url", "key", "remote_key", "take[0].path"]);
});

test("an address has a scheme, and columns of the table", () => {
  expect(wrong({ url: "ftp://example.org/{gtin}" })).toEqual(["url"]);
  expect(wrong({ url: "https://example.org/{ean}/{gtin}" })).toEqual(["url"]);
  expect(placesOf("https://x/{a}/{b}?c={a}")).toEqual(["a", "b", "a"]);
});

test("a request without the key needs the key of an object", () => {
  expect(wrong({ url: "https://example.org/{shop}" })).toEqual(["remote_key"]);
  expect(wrong({ url: "https://example.org/{shop}", remoteKey: "id" })).toEqual([]);
  expect(wrong({ url: "https://example.org/items" })).toEqual(["remote_key"]);
  expect(wrong({ url: "https://example.org/items", remoteKey: "id" })).toEqual([]);
});

test("a taken column has a name of its own", () => {
  const one = { id: 1, path: "name", name: "" };
  expect(wrong({ take: [one, { ...one, id: 2 }] })).toEqual(["take[0].name", "take[1].name"]);
  expect(wrong({ take: [{ ...one, name: "shop" }] })).toEqual(["take[0].name"]);
});

test("headers have names, and the rate is a small number", () => {
  const header = { id: 1, name: "authorization", value: "Bearer x" };
  expect(wrong({ headers: [header] })).toEqual([]);
  expect(wrong({ headers: [{ ...header, name: "" }] })).toEqual(["headers[0].name"]);
  expect(wrong({ headers: [{ ...header, name: "a b", value: "x\n" }] })).toEqual([
    "headers[0].name",
    "headers[0].value",
  ]);
  expect(wrong({ rate: "51" })).toEqual(["requests_per_second"]);
  expect(wrong({ rate: "2.5" })).toEqual(["requests_per_second"]);
  expect(wrong({ rate: "50" })).toEqual([]);
});
