import type { Problem } from "@millrace/api/client";
import { useEffect, useRef, useState } from "preact/hooks";
import { changes } from "../state/act.ts";
import { isLive } from "../state/live.ts";
import { problemOf } from "../state/problem.ts";

/** What a request answered so far. */
export interface Loaded<Value> {
  /** The last answer for this key; undefined before the first one. */
  value: Value | undefined;
  /** Why the last request failed; undefined after one that did not. */
  problem: Problem | undefined;
  loading: boolean;
  reload: () => void;
}

interface Held<Value> {
  key: string;
  value?: Value;
  problem?: Problem | undefined;
  loading: boolean;
}

/** How long to wait after a failure, where the wait after an answer is longer. */
const AGAIN_MS = 5_000;

/**
 * Loads what a page shows. It loads again when `key` changes, after each change made here, and every `everyMs` while
 * the pages are live. An answer that a newer request has overtaken is dropped.
 */
export function useLoad<Value>(
  load: () => Promise<Value>,
  key: string,
  { everyMs }: { everyMs?: number } = {},
): Loaded<Value> {
  const [held, setHeld] = useState<Held<Value>>({ key, loading: true });
  const [turn, setTurn] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  const live = everyMs !== undefined && isLive.value;
  const changed = changes.value;

  useEffect(() => {
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const run = async () => {
      setHeld((before) => ({ ...(before.key === key ? before : { key }), loading: true }));
      const next = await outcomeOf(latest.current);
      if (over) return;
      setHeld((before) => ({ ...(before.key === key ? before : { key }), ...next, loading: false }));
      if (live) timer = setTimeout(run, next.problem === undefined ? everyMs : Math.min(everyMs, AGAIN_MS));
    };
    run();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [key, live, everyMs, changed, turn]);

  const current = held.key === key ? held : undefined;
  return {
    value: current?.value,
    problem: current?.problem,
    loading: current?.loading ?? true,
    reload: () => setTurn((before) => before + 1),
  };
}

async function outcomeOf<Value>(
  load: () => Promise<Value>,
): Promise<{ value: Value; problem: undefined } | { problem: Problem }> {
  try {
    return { value: await load(), problem: undefined };
  } catch (error) {
    return { problem: problemOf(error) };
  }
}
