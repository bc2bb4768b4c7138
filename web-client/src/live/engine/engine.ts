// Loads the engine once, for all sheets of this page.
import init, {
  Cursor,
  Engine,
  editedText,
  Gesture,
  type InitOutput,
  readText,
  readTyped,
} from "../../../engine/pkg/web_engine.js";
import wasm from "../../../engine/pkg/web_engine_bg.wasm?url";

export type { FrameSummary, Lost } from "../../../engine/pkg/web_engine.js";
export { Cursor, Engine, editedText, Gesture, readText, readTyped };

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
