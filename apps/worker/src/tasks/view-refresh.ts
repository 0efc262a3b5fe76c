import { type Beat, type Executor, onConnection, reasonOf, startBeat } from "@millrace/base";
import { defineTask, JobTimeoutError, Snooze, systemClock, type TaskContext } from "@millrace/queue";
import type { Pool } from "pg";
import { z } from "zod";
import { NotAllowedError, settingText } from "../allow/not-allowed-error.ts";
import { namesRelation, relationText } from "../allow/relation-name.ts";
import { beginRefresh } from "../store/begin-refresh.ts";
import { cancelRefresh } from "../store/cancel-refresh.ts";
import { lockView, type ViewName } from "../store/lock-view.ts";
import { type Refresh, type RefreshFigures, recordFailed, recordRefreshed } from "../store/record-refresh.ts";
import { refreshView } from "../store/refresh-view.ts";
import { isConcurrent, refreshable, refreshFailure } from "./view-refresh-rules.ts";

/** The longest that a payload may let a refresh take, in ms: a day. */
const TIMEOUT_MS_MAX = 86_400_000;

/** Longer than each payload's own limit, which decides, so that a worker's time-out for other tasks does not count. */
const RUN_TIMEOUT_MS = TIMEOUT_MS_MAX + 60_000;

/**
 * How long a refresh waits for a lock, in ms. Readers of the view queue behind a refresh that waits, so a long wait
 * would stop them for as long as the oldest reader reads.
 */
const LOCK_MAX_MS = 10_000;

/** When a job looks again that found its view locked, or found this worker full of refreshes. */
const BUSY_MS = 5_000;

/**
 * How many refreshes a worker runs at a time. Each keeps a connection, and the other built-in tasks, and the statements
 * that cancel a refresh, need connections of the same pool.
 */
const REFRESHES_MAX = 5;

/** How often a cancel is repeated, in ms: PostgreSQL drops a cancel that arrives between two statements. */
const CANCEL_EVERY_MS = 500;

/** How many characters of an error the view's row keeps. */
const ERROR_LENGTH_MAX = 2_000;

const nameSchema = z.string().min(1).max(63);

const payloadSchema = z.strictObject({
  /** Schema and view are written exactly as in the catalog, without quotes. */
  schema: nameSchema.default("public"),
  view: nameSchema,
  /** `auto`: concurrently if the view has contents and an index for it. */
  concurrently: z.union([z.literal("auto"), z.boolean()]).default("auto"),
  timeoutMs: z.int().min(1).max(TIMEOUT_MS_MAX).default(3_600_000),
});

type ViewRefresh = z.output<typeof payloadSchema>;

/** The database of `view.refresh`, and what the task may refresh. */
export interface ViewRefreshOptions {
  pool: Pool;
  /** The entries of the setting `refreshViews`. */
  refreshViews: readonly string[];
}

/**
 * `view.refresh`: refreshes a materialized view. One refresh of a view runs at a time: a job that finds another refresh
 * under way is snoozed for 5 s, and then refreshes the view in its turn. The table `view_refreshes` has the last
 * refresh of each view. An abort of the run, and its time-out, cancel the statement.
 *
 * Fails the job at once with `NotAllowedError` (`NOT_ALLOWED`) for a view that `refreshViews` does not name, and with
 * `Fatal` for a relation that is no materialized view, without a unique index that `concurrently: true` needs, and
 * without the right to refresh the view. Other failures are `ViewRefreshError` (`VIEW_REFRESH`), and are retried.
 */
export function viewRefreshTask({ pool, refreshViews }: ViewRefreshOptions) {
  let running = 0;
  return defineTask({
    name: "view.refresh",
    timeoutMs: RUN_TIMEOUT_MS,
    payload: payloadSchema,
    async run(payload, context) {
      checkAllowed(refreshViews, payload);
      if (running >= REFRESHES_MAX) {
        throw new Snooze(BUSY_MS, `This worker runs ${REFRESHES_MAX} refreshes already.`);
      }
      running += 1;
      try {
        return await refresh(pool, payload, context);
      } finally {
        running -= 1;
      }
    },
  });
}

function checkAllowed(refreshViews: readonly string[], { schema, view }: ViewName): void {
  if (namesRelation(refreshViews, { schema, name: view })) return;
  const target = relationText([schema, view]);
  const message =
    `view.refresh: the view ${target} may not be refreshed. ` +
    `To allow it, name it in the worker's setting ${settingText("refreshViews")}.`;
  throw new NotAllowedError(message, { setting: "refreshViews", target });
}

type Running = Pick<TaskContext, "job" | "signal">;

/** Refreshes a view, in a transaction on a connection of its own. */
function refresh(pool: Pool, payload: ViewRefresh, { job, signal }: Running) {
  const { schema, view, timeoutMs } = payload;
  return onConnection({ pool }, async (connection) => {
    const transaction = await beginRefresh(connection, { timeoutMs, lockMs: LOCK_MAX_MS });
    const attempt: Refresh = { name: { schema, view }, jobId: job.id, transaction, concurrently: null };
    const canceling = cancelOnAbort(signal, () => cancelRefresh(pool, transaction));
    try {
      const figures = await refreshLocked(connection, { attempt, payload, signal });
      return { view: relationText([schema, view]), concurrently: attempt.concurrently, ...figures };
    } catch (error) {
      await canceling.stop();
      // PostgreSQL rolls back by itself when a connection ends.
      await connection.query("ROLLBACK").catch(() => connection.markBroken());
      if (error instanceof Snooze) throw error;
      const failure = refreshFailure(error, { ...payload, lockMs: LOCK_MAX_MS, signal });
      if (isFailureOfView(signal)) {
        const text = reasonOf(failure).slice(0, ERROR_LENGTH_MAX);
        // The job's own error says the same, and must not be hidden by an error of this statement.
        await recordFailed(pool, attempt, text).catch(() => undefined);
      }
      throw failure;
    } finally {
      await canceling.stop();
    }
  });
}

/** Locks and refreshes the view, records the refresh, and commits. */
async function refreshLocked(
  db: Executor,
  { attempt, payload, signal }: { attempt: Refresh; payload: ViewRefresh; signal: AbortSignal },
): Promise<RefreshFigures> {
  const found = refreshable(await lockView(db, attempt.name), payload);
  if (!found.locked) throw new Snooze(BUSY_MS, "Another refresh of the view is under way.");
  const concurrently = isConcurrent(found, payload);
  attempt.concurrently = concurrently;
  signal.throwIfAborted();
  await refreshView(db, { quotedName: found.quotedName, concurrently });
  const figures = await recordRefreshed(db, attempt, found.oid);
  // A run that lost its lease changes nothing.
  signal.throwIfAborted();
  await db.query("COMMIT");
  return figures;
}

/** Cancels at the abort, and again until `stop`. */
function cancelOnAbort(signal: AbortSignal, cancel: () => Promise<void>): Pick<Beat, "stop"> {
  let beat: Beat | undefined;
  const work = async () => {
    // The next beat tries again.
    await cancel().catch(() => undefined);
    return CANCEL_EVERY_MS;
  };
  const begin = () => {
    beat = startBeat({ clock: systemClock, firstMs: 0, work });
  };
  if (signal.aborted) begin();
  else signal.addEventListener("abort", begin, { once: true });
  return {
    async stop() {
      signal.removeEventListener("abort", begin);
      await beat?.stop();
    },
  };
}

/** Whether an error tells something of the view: no abort ended the refresh, but for the job's time-out. */
function isFailureOfView({ aborted, reason }: AbortSignal): boolean {
  return !aborted || reason instanceof JobTimeoutError;
}
