import type { Problem, SchedulePage } from "@millrace/api/client";
import { useState } from "preact/hooks";
import { type Loaded, useLoad } from "../../data/use-load.ts";
import { client } from "../../state/client.ts";
import { problemOf } from "../../state/problem.ts";

/** How many schedules a request reads. */
const PAGE = 50;

/** How often the first page is read again while the pages are live. */
const EVERY_MS = 5_000;

/** A schedule with its last ticks. */
export type ListedSchedule = SchedulePage["schedules"][number];

/** The schedules in the order of their names, as far as they were asked for. */
export interface ScheduleList {
  first: Loaded<SchedulePage>;
  schedules: ListedSchedule[];
  /** Reads the next page; null when all are read. */
  loadMore: (() => Promise<void>) | null;
  moreProblem: Problem | null;
}

interface More {
  key: string;
  schedules: ListedSchedule[];
  next: string | null;
  problem: Problem | null;
}

/** Reads schedules: all of them, or the enabled or the disabled ones. */
export function useSchedules(enabled: boolean | null): ScheduleList {
  const key = `schedules ${enabled}`;
  const which = { limit: PAGE, ...(enabled === null ? {} : { enabled }) };
  const first = useLoad(() => client.schedules.list(which), key, { everyMs: EVERY_MS });
  const [held, setMore] = useState<More | null>(null);
  const more = held?.key === key ? held : null;
  const cursor = more === null ? (first.value?.next ?? null) : more.next;
  const load = async (from: string) => {
    const before = { key, schedules: more?.schedules ?? [], next: from };
    try {
      const page = await client.schedules.list({ ...which, cursor: from });
      setMore({
        ...before,
        schedules: [...before.schedules, ...page.schedules],
        next: page.next,
        problem: null,
      });
    } catch (error) {
      setMore({ ...before, problem: problemOf(error) });
    }
  };
  const newest = first.value?.schedules ?? [];
  const ids = new Set(newest.map(({ id }) => id));
  return {
    first,
    schedules: [...newest, ...(more?.schedules ?? []).filter(({ id }) => !ids.has(id))],
    loadMore: cursor === null ? null : () => load(cursor),
    moreProblem: more?.problem ?? null,
  };
}
