import type { JobPage, Problem } from "@millrace/api/client";
import { useEffect, useRef, useState } from "preact/hooks";
import { changes } from "../../state/act.ts";
import { isLive } from "../../state/live.ts";
import { problemOf } from "../../state/problem.ts";
import { appended, followed, type JobList, listOf } from "./job-list.ts";

/** The list of the Jobs page, and what can be done with it. */
export interface JobListState {
  list: JobList | undefined;
  problem: Problem | undefined;
  loading: boolean;
  /** Shows the newest rows. */
  refresh: () => void;
  /** Appends the next page: for a search that has looked at a part only. */
  goOn: () => void;
}

interface Held {
  key: string;
  list?: JobList;
  problem?: Problem | undefined;
  loading: boolean;
}

/** How long to wait between two requests for the same rows, at least, and as a multiple of what the last one took. */
const PAUSE_MS = 2_000;
const PAUSE_FACTOR = 20;

/**
 * Loads a list of jobs, page by page. With `follow`, the list is asked for again while the pages are live, at a pace
 * that a slow search sets: shown rows are brought up to date in their places, and new rows are only counted.
 */
export function useJobList(
  load: (cursor: string | null) => Promise<JobPage>,
  key: string,
  { follow, cursor }: { follow: boolean; cursor: string | null },
): JobListState {
  const [held, setHeld] = useState<Held>({ key, loading: true });
  const [turn, setTurn] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  const current = held.key === key ? held : undefined;

  useEffect(() => {
    let over = false;
    setHeld((before) => ({ ...(before.key === key ? before : { key }), loading: true }));
    latest.current(cursor).then(
      (page) => over || setHeld({ key, list: listOf(page), loading: false }),
      (error: unknown) =>
        over || setHeld((before) => ({ ...before, key, problem: problemOf(error), loading: false })),
    );
    return () => {
      over = true;
    };
  }, [key, turn]);

  useFollow(
    follow && current?.list !== undefined,
    key,
    async () => {
      const page = await latest.current(cursor);
      return (before: Held) =>
        before.key === key ? withList(before, (list) => followed(list, page)) : before;
    },
    setHeld,
  );

  const goOn = async () => {
    const next = current?.list?.next;
    if (next == null) return;
    setHeld((before) => ({ ...before, loading: true }));
    try {
      const page = await latest.current(next);
      setHeld((before) => (before.key === key ? withList(before, (list) => appended(list, page)) : before));
    } catch (error) {
      setHeld((before) => ({ ...before, problem: problemOf(error), loading: false }));
    }
  };

  return {
    list: current?.list,
    problem: current?.problem,
    loading: current?.loading ?? true,
    refresh: () => setTurn((before) => before + 1),
    goOn,
  };
}

/** Asks again and again while the pages are live, and at once after a change made here. */
function useFollow(
  on: boolean,
  key: string,
  ask: () => Promise<(before: Held) => Held>,
  setHeld: (change: (before: Held) => Held) => void,
): void {
  const latest = useRef(ask);
  latest.current = ask;
  const live = on && isLive.value;
  const changed = changes.value;
  const answered = useRef(changed);

  useEffect(() => {
    if (!on || !(live || answered.current !== changed)) return;
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const run = async () => {
      const began = performance.now();
      const change = await latest.current().catch(failed);
      if (over) return;
      answered.current = changed;
      setHeld(change);
      const took = performance.now() - began;
      if (live) timer = setTimeout(run, Math.max(PAUSE_MS, took * PAUSE_FACTOR));
    };
    timer = setTimeout(run, answered.current === changed ? PAUSE_MS : 0);
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [on, live, key, changed]);
}

const failed =
  (error: unknown) =>
  (before: Held): Held => ({ ...before, problem: problemOf(error) });

/** Changes the list, where there is one. */
const withList = (before: Held, change: (list: JobList) => JobList): Held =>
  before.list === undefined
    ? before
    : { ...before, list: change(before.list), problem: undefined, loading: false };
