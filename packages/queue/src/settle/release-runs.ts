import { type Beat, type Clock, startBeat } from "@millrace/base";
import type { Outcome } from "../run/decide-outcome.ts";
import type { Run } from "../run/run.ts";
import { BUFFERED_MAX_MS, type Slots } from "../run/slots.ts";
import type { Settler } from "./settler.ts";

/** How to release runs. */
export interface ReleaseOptions {
  settler: Pick<Settler, "settle">;
  /** When the jobs are due again, in ms from now. Absent: at their old time. */
  delayMs: number | undefined;
  /** Aborted when the worker cannot wait any longer. */
  signal: AbortSignal;
  onError(error: unknown): void;
}

/**
 * Releases runs that have not begun. Resolves at the latest when `signal` is aborted. If a run could not be released,
 * its lease runs out, and recovery takes its job back. Rejects only if `onError` throws.
 */
export async function releaseRuns(
  runs: readonly Run[],
  { settler, delayMs, signal, onError }: ReleaseOptions,
): Promise<void> {
  const outcome: Outcome = delayMs === undefined ? { kind: "release" } : { kind: "release", delayMs };
  await Promise.all(runs.map((run) => settler.settle(run, outcome, signal).catch(onError)));
}

/** Releases, at each beat, the runs that have waited too long for a slot: another worker may have a free one. */
export function startReleasingStale(slots: Pick<Slots, "releaseStale">, clock: Clock): Beat {
  return startBeat({
    clock,
    firstMs: BUFFERED_MAX_MS,
    async work() {
      void slots.releaseStale();
      return BUFFERED_MAX_MS;
    },
  });
}
