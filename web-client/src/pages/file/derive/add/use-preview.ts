// The first rows with the computed columns, as the server computes them while they are written.
import type { MessageInitShape } from "@bufbuild/protobuf";
import { useQuery } from "@connectrpc/connect-query";
import { keepPreviousData } from "@tanstack/react-query";
import {
  DerivationService,
  type PreviewColumnsResponse,
} from "../../../../gen/gridloom/v1/derivations_pb.ts";
import { usePaused } from "../../../shared/use-paused.ts";
import { beginProblem } from "../../transfer/begin-problem.ts";
import { type Rows, sourceOf } from "../../transfer/target.ts";
import { addOf, type ColumnDraft } from "./draft.ts";
import { type Refused, refusedAt } from "./refused.ts";

const ROWS = 10;

export interface ColumnsPreview {
  /** Undefined until the first answer. */
  shown: PreviewColumnsResponse | undefined;
  /** The number of computed columns that it has. */
  fresh: number;
  /** It is of what was written before. */
  isFormer: boolean;
  /** The row that can't be read, by its id, and what the server says to it. */
  refused: (Refused & { id: number }) | undefined;
  /** Another problem. */
  problem: string | undefined;
}

/** `complete`: the rows that have a name and a formula. */
export function useColumnsPreview(rows: Rows, complete: readonly ColumnDraft[]): ColumnsPreview {
  const paused = usePaused(complete);
  const asked = paused.value;
  const request = { source: sourceOf(rows), add: addOf(asked), rows: ROWS };
  const { data, error, isPlaceholderData } = useQuery(
    DerivationService.method.previewColumns,
    request as MessageInitShape<typeof DerivationService.method.previewColumns.input>,
    { enabled: asked.length > 0, gcTime: 0, placeholderData: keepPreviousData },
  );
  const refused = refusedAt(error);
  const id = refused === undefined ? undefined : asked[refused.row]?.id;
  const isShown = asked.length > 0 && data !== undefined;
  const isPlaced = refused !== undefined && id !== undefined;
  return {
    shown: isShown ? data : undefined,
    fresh: asked.length,
    isFormer: paused.isFormer || isPlaceholderData || error !== null,
    // What is typed now may be right already.
    refused: isPlaced && !paused.isFormer ? { ...refused, id } : undefined,
    problem: error === null || isPlaced ? undefined : beginProblem(error),
  };
}
