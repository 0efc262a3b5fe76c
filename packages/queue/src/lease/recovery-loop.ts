import { type Beat, type Clock, startBeat } from "@millrace/base";
import type { RecoverOptions } from "./recover.ts";
import type { RecoverResult } from "./recover-jobs.sql.ts";

/**
 * How often expired leases are looked for, in ms; each look is one index probe. With the default poll and its jitter of
 * a twentieth, 1,050 ms, a job runs again within lease + 2 s even where workers are not notified.
 */
const RECOVERY_MS = 900;

/** Once one statement has taken back so many runs, it takes no further claim. */
const RECOVERY_BATCH = 500;

/** What recovery needs. */
export interface RecoveryLoopOptions {
  /** Takes back one batch of runs, by one statement. */
  recover(options: RecoverOptions): Promise<RecoverResult>;
  clock: Clock;
  /** A job that crashed more often than this fails. */
  maxCrashes: number;
  /** The database has answered, whether or not a lease had run out. */
  onAnswer(): void;
  /** Runs were taken back, at least one. */
  onRecovered(result: RecoverResult): void;
  onError(error: unknown): void;
}

/**
 * Takes back, at each beat, the runs of any worker whose lease ran out. Each worker's first beat is at a random moment.
 */
export function startRecoveryLoop(options: RecoveryLoopOptions): Beat {
  const { clock } = options;
  return startBeat({ clock, firstMs: clock.random() * RECOVERY_MS, work: () => recoverOnce(options) });
}

/** Takes back one batch. Returns the ms until the next look. */
async function recoverOnce(options: RecoveryLoopOptions): Promise<number> {
  const { recover, maxCrashes, onAnswer, onRecovered, onError } = options;
  try {
    const result = await recover({ maxCrashes, limit: RECOVERY_BATCH });
    onAnswer();
    const count = result.requeued.length + result.failed.length + result.canceled.length;
    if (count > 0) onRecovered(result);
    // A lost worker may have held more runs: they are taken back without a pause.
    if (count >= RECOVERY_BATCH) return 0;
  } catch (error) {
    onError(error);
  }
  return RECOVERY_MS;
}
