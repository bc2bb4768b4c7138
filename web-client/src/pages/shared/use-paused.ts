// A value that is typed, after a pause in typing.
import { useEffect, useState } from "react";

const TYPING_MILLIS = 350;

/** Values with the same JSON are the same one. */
export function usePaused<T>(value: T): { value: T; isFormer: boolean } {
  const key = JSON.stringify(value);
  const [paused, setPaused] = useState(key);
  useEffect(() => {
    const timer = setTimeout(() => setPaused(key), TYPING_MILLIS);
    return () => clearTimeout(timer);
  }, [key]);
  return { value: JSON.parse(paused) as T, isFormer: paused !== key };
}
