// The attempt of an enrichment with the first ten keys.
//
// Invariant: an answer belongs to what was written when it was asked for: a change takes it away.
import { useMutation } from "@tanstack/react-query";
import { derivations } from "../../../../api/clients/derivations.ts";
import type { PreviewEnrichmentResponse } from "../../../../gen/gridloom/v1/derivations_pb.ts";
import { type Rows, sourceOf } from "../../transfer/target.ts";
import { type EnrichDraft, enrichmentOf } from "./draft.ts";

/** The server waits 20 s for the API. */
const TRY_MILLIS = 30_000;

export interface Try {
  shown: PreviewEnrichmentResponse | undefined;
  /** Null: there is none. */
  error: unknown;
  isBusy: boolean;
  ask: (draft: EnrichDraft) => void;
  /** Forgets the answer. */
  reset: () => void;
}

export function useTry(rows: Rows): Try {
  const { data, error, isPending, mutate, reset } = useMutation({
    mutationFn: (draft: EnrichDraft) =>
      derivations.previewEnrichment(
        { source: sourceOf(rows), enrichment: enrichmentOf(draft) },
        { timeoutMs: TRY_MILLIS },
      ),
  });
  return { shown: data, error, isBusy: isPending, ask: mutate, reset };
}
