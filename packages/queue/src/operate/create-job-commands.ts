import type { Executor, Queryable } from "@millrace/base";
import type { InTransaction } from "../job/in-transaction-option.ts";
import { attempts } from "./attempts.ts";
import type { AuditOptions } from "./audit-entry.ts";
import { type AuditedCommand, type Auditor, createAuditor } from "./auditor.ts";
import { recordBeforeChange, recordBeforeRetry, recordBeforeRunNow } from "./before-command.sql.ts";
import type { BulkFilter, BulkOptions } from "./bulk.ts";
import { cancelMany, deleteMany, retryMany, runNowMany } from "./bulk-commands.ts";
import { checkChange } from "./change-job.ts";
import { checkId } from "./check-id.ts";
import { duplicate } from "./duplicate-job.ts";
import { createInsightCommands } from "./insight-commands.ts";
import type { JobCommands } from "./job-commands.ts";
import { count } from "./job-count.ts";
import { list } from "./list-jobs.ts";
import { change, findByKey, get, retry, runNow } from "./one-job.ts";
import { prune } from "./prune.ts";
import { createQueueCommands } from "./queue-commands.ts";
import { search } from "./search.ts";
import { cancelInStep, stepOnJob } from "./step-on-job.ts";
import { texts } from "./texts.ts";
import { QUEUE_UNDO_PASSES } from "./undo-passes.ts";
import { waitsForWorker } from "./waits-for-worker.sql.ts";

/**
 * Creates the commands on jobs and queues for a database. With `audit`, every command that changes something records
 * it in the audit log. Throws `InvalidOptionError`.
 */
export function createJobCommands(db: Queryable, audit?: AuditOptions): JobCommands {
  const auditor = createAuditor(db, audit);
  const own = auditor.db;
  return {
    ...createQueueCommands(auditor),
    ...createInsightCommands(own),
    ...createChangingCommands(auditor),
    get: async (id, options = {}) => get(own, id, options),
    findByKey: (key) => findByKey(own, key),
    waitsForWorker: async (id) => waitsForWorker(own, checkId("id", id)),
    attempts: (id, options = {}) => attempts(own, id, options),
    list: (filter = {}) => list(own, filter),
    search: (filter = {}, options = {}) => search(own, filter, options),
    count: (filter = {}, options = {}) => count(own, filter, options),
    texts: (ids, options = {}) => texts(own, ids, options),
  };
}

type ChangingCommands = Pick<
  JobCommands,
  | "cancel"
  | "retry"
  | "runNow"
  | "change"
  | "duplicate"
  | "retryMany"
  | "runNowMany"
  | "cancelMany"
  | "deleteMany"
  | "prune"
  | "undo"
>;

function createChangingCommands(auditor: Auditor): ChangingCommands {
  // The options are checked later: they may be anything.
  const many = (action: string, filter: BulkFilter, options: BulkOptions) =>
    auditor.command(
      action,
      { ...filter, limit: options?.limit, after: options?.after },
      { commandId: options?.commandId === undefined ? undefined : checkId("commandId", options.commandId) },
    );
  return {
    cancel: (id, options = {}) => cancelInStep(auditor.command("cancel", { id }), { id, options }),
    retry(id, options = {}) {
      const command = auditor.command("retry", { id });
      const work = (db: Executor) => retry(db, id, commitOf(command, options));
      return stepOnJob(command, { id, options, work, recordBefore: recordBeforeRetry });
    },
    runNow(id, options = {}) {
      const command = auditor.command("runNow", { id });
      const work = (db: Executor) => runNow(db, id, commitOf(command, options));
      return stepOnJob(command, { id, options, work, recordBefore: recordBeforeRunNow });
    },
    async change(id, given, options = {}) {
      // The record names a column for each field, so only known fields may come there.
      checkChange(given);
      const command = auditor.command("change", { id, change: given });
      const work = (db: Executor) => change(db, id, { change: given, options: commitOf(command, options) });
      const recordBefore = (db: Executor) => recordBeforeChange(db, id, given);
      return stepOnJob(command, { id, options, work, recordBefore });
    },
    duplicate(id, options = {}) {
      const command = auditor.command("duplicate", { id });
      return command.step(
        (db) => duplicate(db, id, commitOf(command, options)),
        (result) => ({ changed: 1, before: [{ id: result.id }] }),
        options,
      );
    },
    retryMany: async (filter, options = {}) => retryMany(many("retryMany", filter, options), filter, options),
    runNowMany: async (filter, options = {}) =>
      runNowMany(many("runNowMany", filter, options), filter, options),
    cancelMany: async (filter, options = {}) =>
      cancelMany(many("cancelMany", filter, options), filter, options),
    deleteMany: async (filter, options = {}) =>
      deleteMany(many("deleteMany", filter, options), filter, options),
    prune(options) {
      const which = { ...options, batchSize: undefined, signal: undefined };
      return prune(auditor.command("prune", which, { oneRow: true }), options);
    },
    undo: (commandId, options = {}) => auditor.undo(commandId, QUEUE_UNDO_PASSES, options),
  };
}

/** Whether a command commits with its statement: a recorded one commits later. */
const commitOf = ({ isRecorded }: AuditedCommand, { tx }: InTransaction) => ({
  commitsAtOnce: tx === undefined && !isRecorded,
});
