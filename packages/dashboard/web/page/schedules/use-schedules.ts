import type { SchedulePage } from "@millrace/api/client";
import { useState } from "preact/hooks";
import { type Kept, useKept } from "../../data/use-kept.ts";
import { useLoad } from "../../data/use-load.ts";
import { client } from "../../state/client.ts";

/** How many schedules a request reads. */
const PAGE = 50;

/** How often the list is read again while the pages are live. */
const EVERY_MS = 5_000;

/** A schedule with its last ticks. */
export type ListedSchedule = SchedulePage["schedules"][number];

/** The schedules in the order of their names, as far as they were asked for. */
export interface ScheduleList {
  loaded: Kept<SchedulePage>;
  /** Reads one page more. */
  showMore: () => void;
}

/** Reads schedules: all of them, or the enabled or the disabled ones. All pages that were asked for stay current. */
export function useSchedules(enabled: boolean | null): ScheduleList {
  const [asked, setAsked] = useState({ enabled, pages: 1 });
  const pages = asked.enabled === enabled ? asked.pages : 1;
  const which = { limit: PAGE, ...(enabled === null ? {} : { enabled }) };
  const loaded = useLoad(() => readPages(which, pages), `schedules ${enabled} ${pages}`, {
    everyMs: EVERY_MS,
  });
  return { loaded: useKept(loaded), showMore: () => setAsked({ enabled, pages: pages + 1 }) };
}

async function readPages(which: { limit: number; enabled?: boolean }, pages: number): Promise<SchedulePage> {
  let all = await client.schedules.list(which);
  for (let read = 1; read < pages && all.next !== null; read++) {
    const { schedules, next } = await client.schedules.list({ ...which, cursor: all.next });
    all = { schedules: [...all.schedules, ...schedules], next };
  }
  return all;
}
