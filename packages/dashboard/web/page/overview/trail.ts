import type { Overview } from "@millrace/api/client";

/** What is kept of an overview, to draw how a figure went lately. */
export interface Sample {
  at: string;
  queued: number;
  due: number;
  running: number;
}

/** Three minutes of samples, one every 2 s. */
const SAMPLES_MAX = 90;

/** Adds an overview to the samples, and drops the oldest ones. The same overview is added once. */
export function withSample(
  trail: readonly Sample[],
  { at, queued, due, running }: Overview,
): readonly Sample[] {
  if (trail.at(-1)?.at === at) return trail;
  const sample = { at, queued: queued.count, due: due.count, running };
  return [...trail, sample].slice(-SAMPLES_MAX);
}
