// What becomes of the sheets, in the address of the account's page: the way back from the provider leads to the form as it
// was.

export type Fate = "delete" | "give";

/** What a person has chosen in the form. */
export interface Choice {
  fate: Fate | undefined;
  /** The address of the new owner. */
  to: string;
}

const FATES: readonly Fate[] = ["delete", "give"];

/** The path of the account's page with the open form. */
export function deletionPath({ fate, to }: Choice): string {
  const query = new URLSearchParams({ delete: fate ?? "" });
  if (to !== "") query.set("to", to);
  return `/account?${query}`;
}

/** The choice in the query of an address; undefined where the form is not open. */
export function readDeletion(search: string): Choice | undefined {
  const query = new URLSearchParams(search);
  const named = query.get("delete");
  if (named === null) return undefined;
  return { fate: FATES.find((fate) => fate === named), to: query.get("to") ?? "" };
}
