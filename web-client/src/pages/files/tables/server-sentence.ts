// A sentence of the server about a file, as the page shows it.
import { refusalText } from "../../../api/errors.ts";
import { withoutOptions } from "../../shared/without-options.ts";

/** It names the line or the part of the file, and no options of gridctl. */
export function serverSentence(message: string): string {
  return refusalText(withoutOptions(message));
}
