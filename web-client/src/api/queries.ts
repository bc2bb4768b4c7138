// The cache of the server's answers, for lists and single reads.
//
// Invariant: no account sees an answer to another one.
import { QueryClient } from "@tanstack/react-query";
import { isTransient } from "./errors.ts";
import { session } from "./session.ts";

/** How often a read is repeated after an error that may pass. */
const RETRIES = 2;

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // The browser's report of the network is often wrong; a call finds out.
      networkMode: "always",
      retry: (failures, error) => failures < RETRIES && isTransient(error),
    },
    mutations: { networkMode: "always" },
  },
});

let account = session.get()?.accountId;
session.subscribe(() => {
  const next = session.get()?.accountId;
  // The same account with another token: what the old token could not load is loaded again.
  if (next === account)
    void queries.invalidateQueries({ predicate: ({ state }) => state.error !== null });
  else queries.clear();
  account = next;
});
