// An enrichment as a person writes it: the address of an API, and how its answers belong to rows.
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { EnrichmentSchema } from "../../../../gen/gridloom/v1/derivations_pb.ts";
import { type Columns, columnAt } from "../made/columns.ts";

export interface TakeDraft {
  /** Of the row of the dialog; never reused. */
  id: number;
  path: string;
  name: string;
}

export interface HeaderDraft {
  id: number;
  name: string;
  value: string;
}

export interface EnrichDraft {
  url: string;
  listPath: string;
  key: number | undefined;
  remoteKey: string;
  take: readonly TakeDraft[];
  headers: readonly HeaderDraft[];
  /** The most requests in a second; empty: as many as the server takes usually. */
  rate: string;
}

export const FIRST_ENRICHMENT: EnrichDraft = {
  url: "",
  listPath: "",
  key: undefined,
  remoteKey: "",
  take: [{ id: 1, path: "", name: "" }],
  headers: [],
  rate: "",
};

export const MOST_TAKEN = 64;
export const MOST_HEADERS = 16;
const MOST_RATE = 50;
const NAME_LONGEST = 200;

export function nextId(rows: readonly { id: number }[]): number {
  return Math.max(0, ...rows.map(({ id }) => id)) + 1;
}

/** The names in braces of an address. */
export function placesOf(url: string): readonly string[] {
  return [...url.matchAll(/\{([^{}]*)\}/g)].map(([, name = ""]) => name);
}

/** The fields of an enrichment with a problem, by their names in a request, and what it is. */
export type Problems = ReadonlyMap<string, string>;

function urlProblem(url: string, columns: Columns): string | undefined {
  if (url === "") return "Write the address of the API.";
  if (!/^https?:\/\/./i.test(url)) return "Begin the address with https:// or http://.";
  const unknown = placesOf(url).find((place) => columns.every(({ name }) => name !== place));
  return unknown === undefined ? undefined : `This table has no column “${unknown}”.`;
}

function rateProblem(rate: string): string | undefined {
  const number = Number(rate.trim());
  const isRate = Number.isInteger(number) && number >= 1 && number <= MOST_RATE;
  return rate.trim() === "" || isRate ? undefined : `Use a whole number from 1 to ${MOST_RATE}.`;
}

function takeProblems(take: readonly TakeDraft[], columns: Columns): [string, string][] {
  const nameOf = ({ path, name }: TakeDraft) => name.trim() || path.trim();
  const names = [...columns.map(({ name }) => name), ...take.map(nameOf)];
  return take.flatMap((one, at): [string, string][] => {
    if (one.path.trim() === "") return [[`take[${at}].path`, "Write a path, such as name."]];
    const name = nameOf(one);
    if ([...name].length > NAME_LONGEST)
      return [[`take[${at}].name`, `Use at most ${NAME_LONGEST} characters.`]];
    const isOther = names.filter((other) => other === name).length > 1;
    return isOther ? [[`take[${at}].name`, `Another column is named “${name}”.`]] : [];
  });
}

function headerProblems(headers: readonly HeaderDraft[]): [string, string][] {
  return headers.flatMap(({ name, value }, at): [string, string][] => {
    const found: [string, string][] = [];
    if (name.trim() === "") found.push([`headers[${at}].name`, "Write a name, or remove it."]);
    else if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/i.test(name.trim()))
      found.push([`headers[${at}].name`, "Use letters, digits and hyphens alone."]);
    if (/[\r\n]/.test(value)) found.push([`headers[${at}].value`, "Leave out line breaks."]);
    return found;
  });
}

/** What is wrong before the server reads it. */
export function problemsOf(draft: EnrichDraft, columns: Columns): Problems {
  const found: [string, string | undefined][] = [
    ["url", urlProblem(draft.url.trim(), columns)],
    ["key", draft.key === undefined ? "Choose the column of the key." : undefined],
    ["remote_key", remoteKeyProblem(draft, columns)],
    ["requests_per_second", rateProblem(draft.rate)],
    ...takeProblems(draft.take, columns),
    ...headerProblems(draft.headers),
  ];
  return new Map(found.filter((one): one is [string, string] => one[1] !== undefined));
}

/** An answer belongs to a row by the key in its object, or by the key in the address that was asked. */
function remoteKeyProblem(
  { url, key, remoteKey }: EnrichDraft,
  columns: Columns,
): string | undefined {
  const name = key === undefined ? undefined : columns[key]?.name;
  const places = placesOf(url);
  const isEach = name === undefined ? places.length > 0 : places.includes(name);
  return isEach || remoteKey.trim() !== ""
    ? undefined
    : "Write where the key is in an object, or put its column in braces into the address.";
}

/** The enrichment of a request; `problemsOf` has found nothing. */
export function enrichmentOf(draft: EnrichDraft): MessageInitShape<typeof EnrichmentSchema> {
  const { url, listPath, key = 0, remoteKey, take, headers, rate } = draft;
  return {
    url: url.trim(),
    listPath: listPath.trim(),
    key: columnAt(key),
    remoteKey: remoteKey.trim(),
    take: take.map(({ path, name }) => ({ path: path.trim(), name: name.trim() })),
    headers: headers.map(({ name, value }) => ({ name: name.trim(), value })),
    requestsPerSecond: Number(rate.trim()),
  };
}
