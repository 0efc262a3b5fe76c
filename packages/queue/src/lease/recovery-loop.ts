import { type Beat, type Clock, startBeat } from "@millrace/base";
import type { Chores } from "./chores.ts";
import type { RecoverOptions } from "./recover.ts";
import type { Recovered, RecoverResult } from "./recover-jobs.sql.ts";

/**
 * How often a worker looks for expired leases, in ms. Each look is one index probe. The default poll takes at most
 * 1,050 ms with its jitter: so a job runs again within 2 s of its lease's end, even if workers are not notified.
 */
const RECOVERY_MS = 900;

/** A statement takes back no further claim once it has taken back this many runs. */
const RECOVERY_BATCH = 500;

/** What recovery needs. */
export interface RecoveryLoopOptions {
  /** Takes back one batch of runs, by one statement. */
  recover(options: RecoverOptions): Promise<Recovered>;
  /** Called when recovery found that there are chores. */
  doChores: Chores;
  clock: Clock;
  /** A job that crashed more often than this fails. */
  maxCrashes: number;
  /** The database has answered, whether or not a lease had run out. */
  onAnswer(): void;
  /** At least one run was taken back. */
  onRecovered(result: Omit<RecoverResult, "expired">): void;
  /** These jobs were canceled, because they did not start in time. */
  onExpired(ids: readonly string[]): void;
  onError(error: unknown): void;
}

/**
 * Takes back, at each beat, the runs whose lease ran out, of any worker, and does the chores. The first beat is at a
 * random moment, so that workers do not recover at the same time.
 */
export function startRecoveryLoop(options: RecoveryLoopOptions): Beat {
  const { clock } = options;
  return startBeat({ clock, firstMs: clock.random() * RECOVERY_MS, work: () => recoverOnce(options) });
}

/** Takes back one batch. Returns the ms until the next look. */
async function recoverOnce(options: RecoveryLoopOptions): Promise<number> {
  const { recover, doChores, maxCrashes, onAnswer, onRecovered, onExpired, onError } = options;
  try {
    const { hasChores, ...result } = await recover({ maxCrashes, limit: RECOVERY_BATCH });
    onAnswer();
    const count = result.requeued.length + result.failed.length + result.canceled.length;
    if (count > 0) onRecovered(result);
    const expired = hasChores ? await doChores(RECOVERY_BATCH) : [];
    if (expired.length > 0) onExpired(expired);
    // A lost worker may have held more runs, and more jobs may have missed their start. Go on without a pause.
    if (count >= RECOVERY_BATCH || expired.length >= RECOVERY_BATCH) return 0;
  } catch (error) {
    onError(error);
  }
  return RECOVERY_MS;
}
