// What a job does, in words, by its kind.

const WORDS: Readonly<Record<string, string>> = {
  "read-file": "Reads a file",
  "read-small-file": "Reads a file",
  "view-table": "Sorts and filters rows",
  "view-small-table": "Sorts and filters rows",
  "save-file": "Saves rows as a file",
  "fill-sheet": "Puts rows into a sheet",
  "derive-file": "Makes a file of rows",
  "enrich-file": "Enriches rows from a web API",
  "end-sessions": "Ends sessions",
};

/** Undefined for a kind of a later version. */
export function kindText(kind: string): string | undefined {
  return WORDS[kind];
}
