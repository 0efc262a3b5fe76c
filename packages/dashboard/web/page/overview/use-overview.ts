import type { Overview, Problem } from "@millrace/api/client";
import { useEffect, useState } from "preact/hooks";
import { useEvents } from "../../data/use-events.ts";
import { useLoad } from "../../data/use-load.ts";
import { client } from "../../state/client.ts";
import { type Sample, withSample } from "./trail.ts";

/** How often the figures are asked for where no stream brings them. */
const EVERY_MS = 5_000;

/** The figures of now, and a sample of the figures for each moment of the last minutes. */
export interface LiveOverview {
  /** Null before the first answer. */
  overview: Overview | null;
  trail: readonly Sample[];
  /** Why the figures are missing or old. */
  problem: Problem | null;
  reload: () => void;
}

/** Follows the overview by the event stream, and by requests while the stream is closed. */
export function useOverview(): LiveOverview {
  const [{ overview, trail }, setSeen] = useState<Pick<LiveOverview, "overview" | "trail">>(EMPTY);
  const see = (next: Overview) =>
    setSeen((before) => ({ overview: next, trail: withSample(before.trail, next) }));
  const { isOpen, problem } = useEvents<Overview>(client.eventsUrl, see);
  const asked = useLoad(() => client.stats.overview(), "overview", isOpen ? {} : { everyMs: EVERY_MS });
  useEffect(() => {
    if (asked.value !== undefined) see(asked.value);
  }, [asked.value]);
  return { overview, trail, problem: isOpen ? problem : (asked.problem ?? null), reload: asked.reload };
}

const EMPTY = { overview: null, trail: [] };
