// Loads the engine once, for all sheets of this page. What it is not: the texts of columns (see texts.ts).
import init, {
  Cursor,
  decimalMark as decimalMarkOf,
  Engine,
  Gesture,
  type InitOutput,
  isLocale,
  localeExample,
  losesZeros,
  offeredLocales,
} from "../../../engine/pkg/web_engine.js";
import wasm from "../../../engine/pkg/web_engine_bg.wasm?url";
import { localeNow } from "../../api/session.ts";

export type { FrameSummary, Lost } from "../../../engine/pkg/web_engine.js";
export { Cursor, Engine, Gesture, isLocale, localeExample, losesZeros, offeredLocales };

/** The decimal mark of numbers that are shown. */
export const decimalMark = () => decimalMarkOf(localeNow());

let loading: Promise<InitOutput> | undefined;
let memory: WebAssembly.Memory | undefined;

/** Loads the engine. A failed load is tried again the next time. */
export async function loadEngine(): Promise<void> {
  loading ??= init({ module_or_path: wasm });
  try {
    ({ memory } = await loading);
  } catch (error) {
    loading = undefined;
    throw error;
  }
}

/** The bytes that the engines of this page occupy: the most that they ever had at once. */
export function engineBytes(): number {
  return memory?.buffer.byteLength ?? 0;
}
