// Asks the server whether a sheet can still be opened, and for its name.
import { Code } from "@connectrpc/connect";
import { hasCode } from "../../api/errors.ts";
import { sheets } from "../../api/transport.ts";
import type { Found } from "./refresh.ts";

export async function findSheet(id: string): Promise<Found> {
  try {
    const { sheet } = await sheets.getSheet({ sheetId: id });
    if (sheet === undefined) return { what: "unknown" };
    return sheet.deletedMicros > 0n ? { what: "deleted" } : { what: "there", name: sheet.name };
  } catch (error) {
    const gone = hasCode(error, Code.NotFound) || hasCode(error, Code.PermissionDenied);
    return { what: gone ? "gone" : "unknown" };
  }
}
