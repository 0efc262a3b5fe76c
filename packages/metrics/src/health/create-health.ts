import {
  type Clock,
  checkFields,
  fieldNames,
  InvalidOptionError,
  integerIn,
  reasonOf,
  systemClock,
} from "@millrace/base";
import type { ObservedWorker } from "@millrace/queue";
import { readSchemaVersion, type SchemaVersion, schemaVersionText } from "@millrace/schema/migrations";
import type { Pool } from "pg";
import { CachedRead, type ReadAnswer } from "../database/cached-read.ts";
import { readOnConnection } from "../database/read-on-connection.ts";
import { type HealthCheck, type HealthReport, reportOf } from "./health-report.ts";
import { startLoopDelay } from "./loop-delay.ts";
import { checkWorkers } from "./worker-checks.ts";

/** The options of `createHealth`. */
export interface HealthOptions {
  /** The database of the workers. */
  db: Pool;
  /** The workers of this process, as they are now. Without a worker, the process is not ready. */
  workers(): readonly ObservedWorker[];
  /**
   * How long the event loop may be blocked before the process counts as unhealthy, in ms, 100 to 300,000. Default
   * 10,000.
   */
  maxLoopDelayMs?: number;
  /** Time, for tests. Default: `systemClock`. */
  clock?: Clock;
}

/** Says whether this process is healthy, and whether it is ready. */
export interface Health {
  /**
   * Whether the process should go on: its event loop was not blocked for longer than the limit in the last 10 to 20 s.
   * Asks nobody. Stays true while a worker stops.
   */
  live(): HealthReport;
  /**
   * Whether the process does its work: the database answers within 2 s and has a schema that the release can use, the
   * workers run, their claim loops go round, and their leases are renewed. False while a worker stops. Never rejects.
   */
  ready(): Promise<HealthReport>;
  /** Stops measuring the delay of the event loop. Without this call, a timer keeps the process alive. */
  stop(): void;
}

/** Probes of several systems that come at the same time share one read. */
const KEEP_MS = 1_000;
/** How long a probe waits for the database, in ms. */
const WAIT_MS = 2_000;

/** How long a read may take before its connection is given up, in ms: longer than a probe waits. */
const READ_MS = 5_000;

const FIELDS = fieldNames<HealthOptions>({ db: true, workers: true, maxLoopDelayMs: true, clock: true });

/**
 * Creates the health checks of a process with workers. Throws `InvalidOptionError` (`INVALID_OPTION`).
 *
 * @example
 * const worker = createWorker({ db: pool, tasks });
 * const health = createHealth({ db: pool, workers: () => [worker] });
 * const { ok, checks } = await health.ready();
 */
export function createHealth(options: HealthOptions): Health {
  checkFields("options", options, FIELDS);
  const { db, workers, clock = systemClock } = options;
  if (typeof workers !== "function") {
    throw new InvalidOptionError("workers", "a function that returns workers", workers);
  }
  const maxLoopDelayMs = integerIn("maxLoopDelayMs", options.maxLoopDelayMs ?? 10_000, [100, 300_000]);
  const loopDelay = startLoopDelay(clock);
  const schema = new CachedRead({
    clock,
    keepMs: KEEP_MS,
    limitMs: WAIT_MS,
    read: () => readOnConnection(db, { clock, limitMs: READ_MS }, readSchemaVersion),
  });
  return {
    live: () => reportOf([PROCESS, checkLoop(loopDelay.worstMs(), maxLoopDelayMs)]),
    ready: async () => reportOf([...checkDatabase(await schema.get()), ...checkWorkers(workers())]),
    stop: () => loopDelay.stop(),
  };
}

const PROCESS: HealthCheck = { name: "process", ok: true, detail: "the process answers" };

/** Checks whether the event loop was blocked for too long. */
export function checkLoop(worstMs: number, limitMs: number): HealthCheck {
  const ok = worstMs <= limitMs;
  const found = `the event loop was blocked for ${Math.round(worstMs)} ms in the last 10 to 20 s`;
  return { name: "event-loop", ok, detail: ok ? found : `${found}, longer than ${limitMs} ms` };
}

/** Checks whether the database answers, and whether its schema fits the release. */
export function checkDatabase(answer: ReadAnswer<SchemaVersion>): HealthCheck[] {
  if (!answer.ok)
    return [{ name: "database", ok: false, detail: `the database failed: ${reasonOf(answer.error)}` }];
  const { serves } = answer.value;
  return [
    { name: "database", ok: true, detail: "the database answers" },
    {
      name: "schema",
      // Most newer schemas serve workers of this release, too: a release can be rolled out worker by worker.
      ok: serves,
      detail: schemaVersionText(answer.value),
    },
  ];
}
