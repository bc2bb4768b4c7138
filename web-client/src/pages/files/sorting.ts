// The order of the list of files, as the heads of its columns choose it.
import { FileOrder } from "../../gen/gridloom/v1/files_pb.ts";

export interface Sorting {
  order: FileOrder;
  descending: boolean;
}

/** The newest first. */
export const NEWEST: Sorting = { order: FileOrder.CREATED, descending: true };

/** The order after a click on the head of a column: its usual one, then the other way round. */
export function sortedBy(order: FileOrder, now: Sorting): Sorting {
  const descending = now.order === order ? !now.descending : order !== FileOrder.NAME;
  return { order, descending };
}
