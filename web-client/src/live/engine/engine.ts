// Loads the engine once, for all sheets of this page; its reader of texts knows the locale of the person.

import init, {
  Cursor,
  decimalMark as decimalMarkOf,
  Engine,
  editedText as editedTextIn,
  Gesture,
  type InitOutput,
  isLocale,
  losesZeros,
  offeredLocales,
  readText as readTextIn,
  readTyped as readTypedIn,
} from "../../../engine/pkg/web_engine.js";
import wasm from "../../../engine/pkg/web_engine_bg.wasm?url";
import { localeNow } from "../../api/session.ts";
import type { CellValue } from "../../cells/values.ts";

export type { FrameSummary, Lost } from "../../../engine/pkg/web_engine.js";
export { Cursor, Engine, Gesture, isLocale, losesZeros, offeredLocales };

/** The value of a typed text in a column of this kind. */
export const readTyped = (text: string, kind: number) => readTypedIn(text, kind, localeNow());

/** The value of a pasted text. */
export const readText = (text: string, kind: number) => readTextIn(text, kind, localeNow());

/** The text with which an editor of a value begins. */
export const editedText = (value: CellValue, kind: number) =>
  editedTextIn(value, kind, localeNow());

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
