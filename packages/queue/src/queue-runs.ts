import { executorOf, type Queryable } from "@millrace/base";
import { claimOnce } from "./claim/claim-once.ts";
import { type ClaimOptions, checkClaim } from "./claim/claim-options.ts";
import { checkLeaseSeconds } from "./job/check-lease-seconds.ts";
import type { ExtendResult } from "./job/extend-result.ts";
import { type InTransaction, inTransactionOr } from "./job/in-transaction-option.ts";
import type { ClaimedJob, Completion, Lease } from "./job/job.ts";
import { onceEach } from "./job/once-each.ts";
import { checkLeases } from "./lease/check-leases.ts";
import { createChores } from "./lease/chores.ts";
import { extendLeases } from "./lease/extend-leases.sql.ts";
import { limitOf, type RecoverOptions, recover } from "./lease/recover.ts";
import type { RecoverResult } from "./lease/recover-jobs.sql.ts";
import { checkCompletions, checkFailures, checkReleases } from "./settle/check-settlements.ts";
import { completeJobs } from "./settle/complete-jobs.sql.ts";
import { failJobs } from "./settle/fail-jobs.sql.ts";
import type { FailResult, Failure, Release } from "./settle/failure-and-release.ts";
import { releaseJobs } from "./settle/release-jobs.sql.ts";

/**
 * The commands on runs, for people who write a worker of their own. `createWorker` does all of this.
 *
 * - Runs happen at least once: after a lost lease, another worker runs the job again.
 * - The lease token fences each write. A write returns the runs whose lease was lost, and changes nothing about them.
 * - Each method throws `InvalidOptionError` (`INVALID_OPTION`) for bad values.
 */
export interface Runs {
  /**
   * Claims up to `limit` due jobs. Concurrent callers never receive the same run of a job. Claims fewer jobs, but at
   * least one, if their payloads have more than 8 MiB together. Sends several statements if a queue has many
   * priorities.
   *
   * @example
   * const claimed = await queue.runs.claim({ workerId: "worker-1", queues: ["default"], limit: 10, leaseSeconds: 30 });
   */
  claim(options: ClaimOptions): Promise<ClaimedJob[]>;
  /**
   * Completes the jobs of runs, and stores their output, which is JSON text. Returns the refused runs.
   *
   * @example
   * const refused = await queue.runs.complete([{ ...job, output: JSON.stringify({ sent: true }) }]);
   */
  complete(completions: readonly Completion[], options?: InTransaction): Promise<Lease[]>;
  /**
   * Records failed runs. If a cancel was requested, the job is canceled. Otherwise the job is retried if a retry was
   * asked for and an attempt is left, and fails if not. A run with `cancel: "if requested"` is released if no
   * cancel is requested any more. Returns what became of each run, and the refused runs.
   *
   * @example
   * await queue.runs.fail([{ ...job, error: String(error), retryInMs: backoffMs(job.attempt) }]);
   */
  fail(failures: readonly Failure[], options?: InTransaction): Promise<FailResult>;
  /**
   * Queues the jobs of runs again, without counting the attempts. Returns the refused runs.
   *
   * @example
   * await queue.runs.release([{ ...job, delayMs: 5_000 }]);
   */
  release(releases: readonly Release[]): Promise<Lease[]>;
  /**
   * Extends leases to at least `leaseSeconds` (5 to 3,600) from now, by the database's clock. Never shortens a lease.
   *
   * @example
   * const { refused, cancelRequested } = await queue.runs.extend([job], 30);
   */
  extend(leases: readonly Lease[], leaseSeconds: number): Promise<ExtendResult>;
  /**
   * Takes back runs whose lease ran out, in one bounded batch. Also cancels jobs that did not start by their `startBy`,
   * and makes jobs due that waited for the end of another job, if that end was not seen. Any process may call `recover`
   * at any time.
   *
   * @example
   * const { requeued, failed, canceled, expired } = await queue.runs.recover();
   */
  recover(options?: RecoverOptions): Promise<RecoverResult>;
}

const NO_RUNS: FailResult = { retried: [], failed: [], canceled: [], released: [], refused: [] };

/** Creates the commands on runs for a database. */
export function createRuns(db: Queryable): Runs {
  const own = executorOf(db);
  // The jobs are taken back all the same, and counts are for people who look back.
  const ignoreUncounted = () => {};
  const doChores = createChores(own, ignoreUncounted);
  return {
    claim: async (options) => claimOnce(own, checkClaim(options)),
    complete: (completions, options = {}) =>
      inTransactionOr(own, options, async (db) => {
        const runs = checkCompletions(completions);
        return runs.length === 0 ? [] : (await completeJobs(db, onceEach(runs), "wait")).refused;
      }),
    fail: (failures, options = {}) =>
      inTransactionOr(own, options, async (db) => {
        const runs = checkFailures(failures);
        if (runs.length === 0) return NO_RUNS;
        const { locked: _none, ...result } = await failJobs(db, onceEach(runs), "wait");
        return result;
      }),
    release: async (releases) => {
      const runs = checkReleases(releases);
      return runs.length === 0 ? [] : (await releaseJobs(own, onceEach(runs), "wait")).refused;
    },
    extend: async (leases, leaseSeconds) => {
      const runs = checkLeases(leases);
      checkLeaseSeconds(leaseSeconds);
      return runs.length === 0
        ? { refused: [], locked: [], cancelRequested: [] }
        : extendLeases(own, onceEach(runs), leaseSeconds);
    },
    recover: async (options = {}) => {
      const refusals: unknown[] = [];
      const onRefused = (error: unknown) => void refusals.push(error);
      const { hasChores, ...taken } = await recover(own, options, {
        onUncounted: ignoreUncounted,
        onRefused,
      });
      const recovered = { ...taken, expired: hasChores ? await doChores(limitOf(options)) : [] };
      // What was done must be told. The next call throws, if a refused job is all that is left.
      if (refusals.length > 0 && Object.values(recovered).every(({ length }) => length === 0))
        throw refusals[0];
      return recovered;
    },
  };
}
