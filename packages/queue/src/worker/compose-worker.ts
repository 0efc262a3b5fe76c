import { type Beat, type Executor, ignoreIdleCuts, limitedExecutor, poolBeneath } from "@millrace/base";
import type { QueueSettings } from "@millrace/schema/values";
import { type ClaimLoop, startClaimLoop } from "../claim/claim-loop.ts";
import { hasDueJobs } from "../claim/has-due-jobs.sql.ts";
import { queueNames } from "../claim/queue-weights.ts";
import { SchemaTooNewError } from "../database-errors.ts";
import { explained } from "../explain-missing-schema.ts";
import { createChores } from "../lease/chores.ts";
import { extendLeases } from "../lease/extend-leases.sql.ts";
import { startLeaseGuard } from "../lease/lease-guard.ts";
import type { LeaseRenewal, LeaseRenewalOptions } from "../lease/lease-renewal.ts";
import { startLoopRenewal } from "../lease/loop-renewal.ts";
import { recover } from "../lease/recover.ts";
import { startRecoveryLoop } from "../lease/recovery-loop.ts";
import { startThreadRenewal } from "../lease/thread-renewal.ts";
import { abortCanceledBefore } from "../run/reach-canceled-run.ts";
import { RecentCancels } from "../run/recent-cancels.ts";
import type { Slots } from "../run/slots.ts";
import { startReleasingStale } from "../settle/release-runs.ts";
import { RunCounts } from "../wake/run-counts.ts";
import { type Presence, startPresence } from "../wake/worker-presence.ts";
import { composeSlots, type ErrorsOf } from "./compose-slots.ts";
import { startHearingNotices } from "./hear-notices.ts";
import { startNoTaskWatch } from "./no-task-watch.ts";
import { startPruning } from "./pruning.ts";
import type { WorkerSettings } from "./worker-options.ts";

/**
 * How long PostgreSQL may take to answer, in ms, before the worker gives up the connection. A worker's statements take
 * some ms, and wait for a lock only briefly. A shorter lease is the limit instead: a claim whose answer takes longer
 * than its lease is of no use.
 */
const ANSWER_MAX_MS = 30_000;

/** The parts of a worker that has not started. They do nothing by themselves. */
export interface WorkerParts {
  slots: Slots;
  /** Whether a due job waits that the worker could claim. */
  hasDueJobs(): Promise<boolean>;
  /** Starts the parts that work by themselves. Must be called only once. */
  start(): StartedParts;
}

/** The parts of a worker that work by themselves until they are stopped. */
export interface StartedParts {
  claimLoop: ClaimLoop;
  presence: Presence;
  renewal: LeaseRenewal;
  /**
   * Renewal, the lease guard, recovery, the release of stale runs, the watch, pruning if the worker prunes, and the
   * listener if the worker listens.
   */
  beats: readonly Pick<Beat, "stop">[];
}

/** What the parts of a worker share. */
interface Shared {
  settings: WorkerSettings;
  /** Sends the worker's own statements, and limits how long each may take. */
  db: Executor;
  slots: Slots;
  cancels: RecentCancels;
  /** The types whose handlers called `completeInTx` or `extend`: their jobs are claimed one by one. */
  claimedSingly: Set<string>;
  counts: RunCounts;
  /** The settings of the worker's queues that have any, as they were read last. */
  queueSettings: { known: ReadonlyMap<string, QueueSettings> };
  errorsOf: ErrorsOf;
}

/**
 * Builds the parts of a worker. `giveUp` is aborted when the worker cannot wait any longer: recovery then takes back
 * its runs.
 */
export function composeWorker(settings: WorkerSettings, giveUp: AbortSignal): WorkerParts {
  const { clock, leaseSeconds, onEvent } = settings;
  const pool = poolBeneath(settings.db);
  if (pool !== null) ignoreIdleCuts(pool);
  const ms = Math.min(ANSWER_MAX_MS, leaseSeconds * 1_000);
  const db = limitedExecutor(settings.db, { ms, after: clock.after });
  const errorsOf: ErrorsOf = (during) => (error) =>
    onEvent({ kind: "error", during, error: explained(error) });
  const claimedSingly = new Set<string>();
  const counts = new RunCounts();
  const queueSettings = { known: new Map<string, QueueSettings>() };
  let started: StartedParts | undefined;
  const slots = composeSlots({
    settings,
    db,
    claimedSingly,
    counts,
    errorsOf,
    queueSettings: (queue) => queueSettings.known.get(queue),
    giveUp,
    onFreed: () => started?.claimLoop.slotFreed(),
  });
  return {
    slots,
    hasDueJobs: () => hasDueJobs(db, { queues: queueNames(settings.queues), types: typesOf(settings) }),
    start() {
      started = startParts({
        settings,
        db,
        slots,
        cancels: new RecentCancels(),
        claimedSingly,
        counts,
        queueSettings,
        errorsOf,
      });
      return started;
    },
  };
}

function startParts(shared: Shared): StartedParts {
  const { settings, db, slots, counts, errorsOf } = shared;
  const { clock, leaseSeconds, observer } = settings;
  const leases: LeaseRenewalOptions = {
    // Skip the checks of `Runs.extend`, which are for leases from callers: the worker's own leases are valid, and many.
    extend: (held, seconds) => extendLeases(db, held, seconds),
    clock,
    leaseSeconds,
    held: () => slots.held(),
    onError: errorsOf("renew"),
    onCounted: observer.renewed?.bind(observer),
  };
  const renewal = startRenewal(settings, leases);
  const presence = startPresence({
    db,
    clock,
    workerId: settings.workerId,
    types: typesOf(settings),
    state: () => ({
      queues: queueNames(settings.queues),
      concurrency: settings.concurrency,
      isPaused: slots.isPaused,
    }),
    counts,
    tooOld(leastSchema) {
      // Told again only after somebody has resumed the worker.
      if (slots.isPaused) return;
      void slots.pause();
      errorsOf("presence")(new SchemaTooNewError(leastSchema));
    },
    onError: errorsOf("presence"),
  });
  const claimLoop = startClaiming(shared, { renewal, presence });
  return {
    claimLoop,
    presence,
    renewal,
    beats: [
      renewal,
      startLeaseGuard(leases, renewal),
      startRecovering(shared, claimLoop),
      startReleasingStale(slots, clock),
      startWatching(shared),
      ...startPruningInTurn(shared),
      ...startListening(shared, { claimLoop, renewal }),
    ],
  };
}

function startRenewal(settings: WorkerSettings, leases: LeaseRenewalOptions): LeaseRenewal {
  const { renewalConnection: connection, maxBlockedMs } = settings;
  if (connection === null) return startLoopRenewal(leases);
  return startThreadRenewal({ ...leases, connection, maxBlockedMs });
}

function startClaiming(
  { settings, db, slots, cancels, claimedSingly, queueSettings, errorsOf }: Shared,
  { renewal, presence }: { renewal: LeaseRenewal; presence: Presence },
): ClaimLoop {
  const { clock, queues, workerId, leaseSeconds, pollMs, listenOn, observer } = settings;
  return startClaimLoop({
    db,
    clock,
    queues,
    types: typesOf(settings),
    claimedSingly,
    workerId,
    leaseSeconds,
    pollMs,
    setAsleep: listenOn === null ? null : (asleep) => presence.setAsleep(asleep),
    wanted: () => slots.wanted,
    take(runs) {
      if (runs.length > 0) renewal.runsClaimed(runs);
      abortCanceledBefore(runs, cancels);
      slots.take(runs);
    },
    learnQueueSettings(settings) {
      queueSettings.known = settings;
    },
    onError: errorsOf("claim"),
    onClaim: observer.claimed?.bind(observer),
  });
}

function startRecovering({ settings, db, errorsOf }: Shared, claimLoop: ClaimLoop): Beat {
  const { clock, maxCrashes, onAnswer, onEvent } = settings;
  const onError = errorsOf("recover");
  return startRecoveryLoop({
    recover: (options) => recover(db, options, { onUncounted: onError, onRefused: onError }),
    doChores: createChores(db, onError),
    clock,
    maxCrashes,
    onAnswer,
    onRecovered(result) {
      onEvent({ kind: "recovered", ...result });
      if (result.requeued.length > 0) claimLoop.wake();
    },
    onExpired: (ids) => onEvent({ kind: "expired", ids }),
    onError,
  });
}

function startWatching({ settings, db, errorsOf }: Shared): Beat {
  const { clock, onEvent } = settings;
  return startNoTaskWatch({
    db,
    clock,
    queues: () => queueNames(settings.queues),
    types: typesOf(settings),
    onEvent,
    onError: errorsOf("no-task"),
  });
}

/** Starts to prune. Returns no beat if the worker does not prune. */
function startPruningInTurn({ settings, db, errorsOf }: Shared): Pick<Beat, "stop">[] {
  const { clock, prune, onEvent } = settings;
  if (prune === null) return [];
  const onPruned = (deleted: number) => onEvent({ kind: "pruned", deleted });
  return [startPruning({ db, clock, prune, onPruned, onError: errorsOf("prune") })];
}

/** Starts to listen for notices. Returns no beat if the worker only polls. */
function startListening(
  { settings, slots, cancels, errorsOf }: Shared,
  { claimLoop, renewal }: { claimLoop: ClaimLoop; renewal: LeaseRenewal },
): Beat[] {
  const { clock, listenOn: pool } = settings;
  if (pool === null) return [];
  const held = () => slots.held();
  const onError = errorsOf("listen");
  return [startHearingNotices({ pool, clock, claimLoop, renewal, held, cancels, onError })];
}

/** The types of jobs that the worker has tasks for. */
function typesOf({ tasks }: WorkerSettings): string[] {
  return [...tasks.keys()];
}
