// The decimal mark of the reader, which the engine knows. Once it is there, the engine is loaded, unless it can't be.
import { useQuery } from "@tanstack/react-query";
import { localeNow } from "../../api/session.ts";
import { decimalMark, loadEngine } from "../../live/engine/engine.ts";

/** A point where the engine can't be loaded. */
async function readerMark(): Promise<string> {
  try {
    await loadEngine();
    return decimalMark();
  } catch {
    return ".";
  }
}

/** Undefined until the engine is loaded. */
export function useDecimalMark(): string | undefined {
  return useQuery({ queryKey: ["decimal-mark", localeNow()], queryFn: readerMark }).data;
}
