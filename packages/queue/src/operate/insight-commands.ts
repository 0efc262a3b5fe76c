import { checkFields, checkText, type Executor, fieldNames, integerIn } from "@millrace/base";
import { DELAY_MS_MAX, INTEGER_MAX } from "@millrace/schema/values";
import type { MinuteCounts } from "../wake/count-minutes.sql.ts";
import type { AuditEntry, AuditFilter } from "./audit-entry.ts";
import { listAudit } from "./audit-log.sql.ts";
import { checkId } from "./check-id.ts";
import { explainJob } from "./explain-job.ts";
import { type FailureKind, type IdsOfKind, type IdsOfKindOptions, idsOfKind } from "./failure-kind.ts";
import type { FailureReport, FailuresFilter } from "./failure-report.ts";
import { failures } from "./failures.ts";
import { historySteps } from "./history-steps.ts";
import type { JobExplanation } from "./job-explanation.ts";
import { type JsonOption, readsJson } from "./json-option.ts";
import { listWorkers } from "./list-workers.sql.ts";
import { findOldTransactions, type OldTransaction } from "./old-transaction.sql.ts";
import type { HistoryOptions, QueueHistory } from "./queue-history.ts";
import { readHistory, readLately, sumOf } from "./read-history.sql.ts";
import { runsOf } from "./runs-of.ts";
import type { WorkerRun, WorkerRunsOptions } from "./worker-run.ts";
import type { WorkerStatus } from "./worker-status.ts";

/** The options of `oldTransactions`. */
export interface OldTransactionsOptions {
  /** Only transactions that are at least so many ms old. Default 60,000. */
  olderThanMs?: number;
  /** How many transactions to return at most, 1 to 100. Default 20. */
  limit?: number;
}

/** The commands that tell people what goes on, and why. They change nothing. */
export interface InsightCommands {
  /**
   * Tells why a job is not running, where it runs, or what became of it. Names every reason that holds, each with a
   * code, its figures, and a text. With `json: false`, the `job` of the answer has no payload, output and progress.
   * Throws `JobNotFoundError` (`JOB_NOT_FOUND`).
   *
   * @example
   * const { reasons } = await queue.explain(id);
   * for (const { code, text } of reasons) console.log(code, text);
   */
  explain(id: string, options?: JsonOption): Promise<JobExplanation>;
  /**
   * Returns the transactions that keep PostgreSQL from removing dead rows, so that claims become slower: those that
   * keep most first. Returns only transactions that are at least `olderThanMs` old, by default a minute, and at most
   * `limit`, by default 20. Transactions of other users are left out if this user may not see them.
   *
   * @example
   * for (const { pid, ageMs, query } of await queue.oldTransactions()) console.log(pid, ageMs, query);
   */
  oldTransactions(options?: OldTransactionsOptions): Promise<OldTransaction[]>;
  /**
   * Groups failed jobs by type, queue and error. Errors that differ only in ids, numbers and quoted values are one
   * kind. Looks at the last 10,000 failed jobs by default, in bounded steps, and says whether these were all.
   *
   * @example
   * const { groups } = await queue.failures({ queue: "mail", finishedAfter: yesterday });
   * for (const { count, type, fingerprint } of groups) console.log(count, type, fingerprint);
   */
  failures(filter?: FailuresFilter): Promise<FailureReport>;
  /**
   * Returns the ids of the failed jobs of one group of `failures`, the last enqueued first: at most `limit`, by default
   * 1,000. Looks at no more than 50,000 failed and canceled jobs. To go on, give the result's `before`, until it is
   * null. A job that is retried meanwhile is left out.
   *
   * @example
   * for (const { type, queue: name, fingerprint } of (await queue.failures()).groups) {
   *   const { ids } = await queue.idsOfKind({ type, queue: name, fingerprint }, { limit: 100 });
   *   await queue.retryMany({ ids });
   * }
   */
  idsOfKind(kind: FailureKind, options?: IdsOfKindOptions): Promise<IdsOfKind>;
  /**
   * Returns the workers, by their ids: what each claims from, how many jobs it runs, and whether it is alive. A worker
   * that died is listed for 10 minutes, or for as long as it has claims.
   *
   * @example
   * for (const { id, alive, running } of await queue.workers()) console.log(id, alive, running);
   */
  workers(): Promise<WorkerStatus[]>;
  /**
   * Returns what workers run now, by worker: at most `limit` runs of each, by default 20, those that began first. Runs
   * that are claimed and have not begun come last. At most 1,000 workers.
   *
   * @example
   * for (const run of await queue.runsOf(["mail-1", "mail-2"], { limit: 5 })) console.log(run.workerId, run.id);
   */
  runsOf(workerIds: readonly string[], options?: WorkerRunsOptions): Promise<WorkerRun[]>;
  /**
   * Returns what happened in one queue or in all, in equal steps of time: how many jobs ended in each state, how many
   * runs were retried, crashed or refused, and how many jobs were due and running at most. Workers write this every
   * 10 s, so the last seconds may be missing. Reads one row for each minute of each queue, at most 10,080 for a queue.
   *
   * @example
   * const { points } = await queue.history({ hours: 24, queue: "mail" });
   * for (const { at, completed, failed } of points) console.log(at, completed, failed);
   */
  history(options?: HistoryOptions): Promise<QueueHistory>;
  /**
   * Returns what happened in each queue in the last 60 minutes. A queue in which nothing happened is left out.
   *
   * @example
   * const counts = (await queue.lastHour()).get("mail");
   */
  lastHour(): Promise<Map<string, MinuteCounts>>;
  /**
   * Returns what happened in all queues together in the last 1 to 10,080 minutes, the current minute included.
   *
   * @example
   * const { completed, failed } = await queue.lately({ minutes: 10 });
   */
  lately(options: { minutes: number }): Promise<MinuteCounts>;
  /**
   * Returns the entries of the audit log, newest first: what commands of queues with the option `audit` changed.
   * Returns at most `limit` entries, by default 50.
   *
   * @example
   * for (const { at, who, action, changed } of await queue.audit({ limit: 10 })) console.log(at, who, action, changed);
   */
  audit(filter?: AuditFilter): Promise<AuditEntry[]>;
}

const OLD_FIELDS = fieldNames<OldTransactionsOptions>({ olderThanMs: true, limit: true });
const AUDIT_FIELDS = fieldNames<AuditFilter>({
  limit: true,
  before: true,
  commandId: true,
  who: true,
  statesMax: true,
  bytesMax: true,
  json: true,
});
const HISTORY_FIELDS = fieldNames<HistoryOptions>({ hours: true, queue: true });
const LATELY_FIELDS = fieldNames<{ minutes: number }>({ minutes: true });

/** Creates the commands that tell what goes on. */
export function createInsightCommands(db: Executor): InsightCommands {
  return {
    explain: (id, options = {}) => explainJob(db, id, options),
    async oldTransactions(options = {}) {
      checkFields("options", options, OLD_FIELDS);
      const { olderThanMs = 60_000, limit = 20 } = options;
      return findOldTransactions(db, {
        olderThanMs: integerIn("olderThanMs", olderThanMs, [0, DELAY_MS_MAX]),
        limit: integerIn("limit", limit, [1, 100]),
      });
    },
    failures: (filter = {}) => failures(db, filter),
    idsOfKind: (kind, options = {}) => idsOfKind(db, kind, options),
    workers: () => listWorkers(db),
    runsOf: (workerIds, options = {}) => runsOf(db, workerIds, options),
    async history(options = {}) {
      checkFields("options", options, HISTORY_FIELDS);
      const { hours = 1, queue } = options;
      const steps = historySteps(hours);
      const points = await readHistory(
        db,
        steps,
        queue === undefined ? null : checkText("queue", queue, 100),
      );
      return { stepMs: steps.seconds * 1_000, points };
    },
    lastHour: () => readLately(db, 60),
    async lately(options) {
      checkFields("options", options, LATELY_FIELDS);
      return sumOf((await readLately(db, integerIn("minutes", options.minutes, [1, 10_080]))).values());
    },
    async audit(filter = {}) {
      checkFields("filter", filter, AUDIT_FIELDS);
      for (const name of ["before", "commandId"] as const) if (name in filter) checkId(name, filter[name]);
      if (filter.who !== undefined) checkText("who", filter.who, 200);
      const { json, ...fields } = filter;
      return listAudit(db, {
        ...fields,
        json: readsJson(json === undefined ? {} : { json }),
        limit: integerIn("limit", filter.limit ?? 50, [1, 1_000]),
        statesMax: integerIn("statesMax", filter.statesMax ?? 10_000, [1, 10_000]),
        bytesMax: integerIn("bytesMax", filter.bytesMax ?? INTEGER_MAX, [1, INTEGER_MAX]),
      });
    },
  };
}
