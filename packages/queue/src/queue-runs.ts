import { executorOf, type Queryable } from "@millrace/base";
import { claimOnce } from "./claim/claim-once.ts";
import { type ClaimOptions, checkClaim } from "./claim/claim-options.ts";
import { checkLeaseSeconds } from "./job/check-lease-seconds.ts";
import type { ExtendResult } from "./job/extend-result.ts";
import { type InTransaction, inTransactionOr } from "./job/in-transaction-option.ts";
import type { ClaimedJob, Completion, Lease } from "./job/job.ts";
import { onceEach } from "./job/once-each.ts";
import { checkLeases } from "./lease/check-leases.ts";
import { extendLeases } from "./lease/extend-leases.sql.ts";
import { type RecoverOptions, recover } from "./lease/recover.ts";
import type { RecoverResult } from "./lease/recover-jobs.sql.ts";
import { checkCompletions, checkFailures, checkReleases } from "./settle/check-settlements.ts";
import { completeJobs } from "./settle/complete-jobs.sql.ts";
import { failJobs } from "./settle/fail-jobs.sql.ts";
import type { FailResult, Failure, Release } from "./settle/failure-and-release.ts";
import { releaseJobs } from "./settle/release-jobs.sql.ts";

/**
 * Runs of jobs, for people who write a worker of their own: `createWorker` does all of this. Each write is fenced by
 * the run's lease token, and returns the runs that it refused. `claim` sends several statements if a queue has many
 * priorities.
 */
export interface Runs {
  /**
   * Claims up to `limit` due jobs. If their payloads have more than 8 MiB together, it claims fewer, but at least one.
   * Concurrent callers never receive the same run of a job.
   */
  claim(options: ClaimOptions): Promise<ClaimedJob[]>;
  /**
   * Completes runs, and keeps their output. Returns the runs whose lease was lost: it changed nothing about them.
   */
  complete(completions: readonly Completion[], options?: InTransaction): Promise<Lease[]>;
  /**
   * Records failed runs. A job is retried if a retry was asked for and an attempt is left; otherwise the job fails. If
   * a cancel was requested, the job is canceled. Returns what became of each run, refused runs included.
   */
  fail(failures: readonly Failure[], options?: InTransaction): Promise<FailResult>;
  /** Gives runs back to the queue, and refunds their attempts. Returns the refused runs. */
  release(releases: readonly Release[]): Promise<Lease[]>;
  /** Extends leases to at least `leaseSeconds` from now by the database's clock. */
  extend(leases: readonly Lease[], leaseSeconds: number): Promise<ExtendResult>;
  /** Takes back runs whose lease ran out, in one bounded batch. Any process may call it at any time. */
  recover(options?: RecoverOptions): Promise<RecoverResult>;
}

const NO_RUNS: FailResult = { retried: [], failed: [], canceled: [], refused: [] };

/** The runs on a database. */
export function createRuns(db: Queryable): Runs {
  const own = executorOf(db);
  return {
    claim: async (options) => claimOnce(own, checkClaim(options)),
    complete: (completions, options = {}) =>
      inTransactionOr(own, options, async (db) => {
        checkCompletions(completions);
        return completions.length === 0
          ? []
          : (await completeJobs(db, onceEach(completions), "wait")).refused;
      }),
    fail: (failures, options = {}) =>
      inTransactionOr(own, options, async (db) => {
        checkFailures(failures);
        const { retried, failed, canceled, refused } =
          failures.length === 0 ? NO_RUNS : await failJobs(db, onceEach(failures), "wait");
        return { retried, failed, canceled, refused };
      }),
    release: async (releases) => {
      checkReleases(releases);
      return releases.length === 0 ? [] : (await releaseJobs(own, onceEach(releases), "wait")).refused;
    },
    extend: async (leases, leaseSeconds) => {
      checkLeases(leases);
      checkLeaseSeconds(leaseSeconds);
      return leases.length === 0
        ? { refused: [], locked: [], cancelRequested: [] }
        : extendLeases(own, onceEach(leases), leaseSeconds);
    },
    recover: async (options = {}) => recover(own, options),
  };
}
