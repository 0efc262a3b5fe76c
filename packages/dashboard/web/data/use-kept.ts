import { useRef } from "preact/hooks";
import type { Loaded } from "./use-load.ts";

/** An answer, or the answer for an earlier key while the next one is loading. */
export interface Kept<Value> extends Loaded<Value> {
  /** Whether the value belongs to an earlier key. */
  isOld: boolean;
}

/** Keeps an answer until the next one is there, so that a page does not go blank between them. */
export function useKept<Value>(loaded: Loaded<Value>): Kept<Value> {
  const last = useRef<Value | undefined>(undefined);
  if (loaded.value !== undefined) last.current = loaded.value;
  const isOld = loaded.value === undefined && loaded.problem === undefined && last.current !== undefined;
  return { ...loaded, value: isOld ? last.current : loaded.value, isOld };
}
