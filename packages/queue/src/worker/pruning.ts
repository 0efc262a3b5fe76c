import { randomUUID } from "node:crypto";
import { type Beat, type Clock, type Executor, pause, startBeat } from "@millrace/base";
import { pruneByRules } from "../operate/prune.ts";
import { pruneAudit, pruneMinutes, RECORDS_BATCH } from "../operate/prune-records.sql.ts";
import { keepPruningTurn, takePruningTurn } from "../operate/pruning-turn.sql.ts";
import type { PruneSettings } from "./prune-options.ts";

/** A worker first asks for a turn after 30 to 60 s, so that a worker that only starts and stops deletes nothing. */
const FIRST_MS = 30_000;

/**
 * A worker that prunes keeps the turn for this many ms at a time, and asks again after a fifth of it. If the worker
 * dies, another worker gets the turn after that time.
 */
const HOLD_MS = 300_000;
const KEEP_EVERY_MS = 60_000;

/**
 * Over time, pruning takes at most this part of one connection. The next turn begins so much later when a walk over
 * many jobs takes long.
 */
const SHARE = 0.01;

/** How long the history of queues is kept, in ms: `queue.history` reads 7 days, and a day is to spare. */
const HISTORY_KEPT_MS = 8 * 86_400_000;

/** What pruning needs. */
export interface PruningOptions {
  db: Executor;
  clock: Clock;
  prune: PruneSettings;
  /** At least one job was deleted. */
  onPruned(deleted: number): void;
  onError(error: unknown): void;
}

/**
 * Deletes ended jobs at their ages, and old rows of the history and of the audit log, in bounded statements, from time
 * to time. One worker of all workers of the database does this at a time. `stop` ends the work between two statements.
 */
export function startPruning(options: PruningOptions): Pick<Beat, "stop"> {
  const { clock, prune, onError } = options;
  const stopping = new AbortController();
  const beat = startBeat({
    clock,
    firstMs: FIRST_MS * (1 + clock.random()),
    async work() {
      await pruneInTurn(options, stopping.signal).catch(onError);
      // Jitter of 5 % each way keeps workers that started together from asking together.
      return prune.everyMs * (0.95 + 0.1 * clock.random());
    },
  });
  return {
    stop() {
      stopping.abort();
      return beat.stop();
    },
  };
}

/** Takes the turn, prunes, and says when the next turn begins. Does nothing if it is not this worker's turn. */
async function pruneInTurn(options: PruningOptions, stopping: AbortSignal): Promise<void> {
  const { db, clock, prune, onPruned } = options;
  const holder = randomUUID();
  const turn = await takePruningTurn(db, { holder, ms: HOLD_MS });
  if (turn === null) return;
  const beganAt = clock.now();
  // A schedule of an operator says how long jobs are kept. The jobs' and queues' own retentions count in any case.
  const rules =
    turn.isScheduled && prune.isDefault
      ? prune.rules.map((rule) => ({ ...rule, olderThanMs: null }))
      : prune.rules;
  const turnOf = keptTurn(options, { holder, stopping });
  const deleted = await pruneByRules(db, rules, turnOf);
  await pruneRecords(options, turnOf);
  // A worker that looks a little earlier than the last one did must find the turn free.
  const nextMs = Math.max(prune.everyMs * 0.9, (clock.now() - beganAt) / SHARE);
  await keepPruningTurn(db, { holder, ms: stopping.aborted ? 0 : nextMs });
  if (deleted > 0) onPruned(deleted);
}

/** What the steps of a turn have in common. */
interface KeptTurn {
  /** Aborted when the turn is lost, and when the worker stops. */
  signal: AbortSignal;
  /** Keeps the turn, and pauses. */
  afterStep(): Promise<void>;
}

/** Keeps a turn while statements are sent, one after the other. */
function keptTurn(
  { db, clock }: PruningOptions,
  { holder, stopping }: { holder: string; stopping: AbortSignal },
): KeptTurn {
  const lost = new AbortController();
  const signal = AbortSignal.any([stopping, lost.signal]);
  let keptAt = clock.now();
  let sentAt = keptAt;
  return {
    signal,
    async afterStep() {
      const now = clock.now();
      if (now - keptAt >= KEEP_EVERY_MS) {
        keptAt = now;
        if (!(await keepPruningTurn(db, { holder, ms: HOLD_MS }))) lost.abort();
      }
      // Pauses as long as the statement took: claims and completions come first.
      if (!signal.aborted) await pause(clock, now - sentAt, signal);
      sentAt = clock.now();
    },
  };
}

/** Deletes the rows of the history and of the audit log that are too old. */
async function pruneRecords(
  { db, prune: { auditRetentionMs } }: PruningOptions,
  { signal, afterStep }: KeptTurn,
): Promise<void> {
  const steps = [() => pruneMinutes(db, HISTORY_KEPT_MS)];
  if (auditRetentionMs !== null) steps.push(() => pruneAudit(db, auditRetentionMs));
  for (const step of steps) {
    while (!signal.aborted) {
      const deleted = await step();
      await afterStep();
      if (deleted < RECORDS_BATCH) break;
    }
  }
}
