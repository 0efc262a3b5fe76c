import { checkFields, checkNode, checkQueryable, fieldNames, type Queryable, reasonOf } from "@millrace/base";
import type { EnqueueObserver } from "./enqueue/enqueue-observer.ts";
import { createProducer, type Producer } from "./enqueue/producer.ts";
import { explainingErrors } from "./explain-missing-schema.ts";
import { checkTelemetry } from "./job/check-telemetry.ts";
import type { Telemetry } from "./job/telemetry.ts";
import type { AuditOptions } from "./operate/audit-entry.ts";
import { createJobCommands } from "./operate/create-job-commands.ts";
import type { JobCommands } from "./operate/job-commands.ts";
import { createWaits, type JobWaits } from "./operate/wait-for-job.ts";
import { createRuns, type Runs } from "./queue-runs.ts";
import { containObserver } from "./worker/contain-observer.ts";

/**
 * A queue on one database: enqueues jobs, waits for them, and has the commands on jobs and runs. Each method may also
 * reject with `SchemaMissingError` (`SCHEMA_MISSING`), or with the database's error.
 */
export interface Queue extends Producer, JobCommands, JobWaits {
  /** Claims jobs, and writes the outcomes of their runs. Only for people who write a worker of their own. */
  readonly runs: Runs;
}

/** The options of `createQueue`. */
export interface QueueOptions {
  /**
   * Who gives the commands of this queue, and by what tool. Then every command that changes something writes a row into
   * the audit log, in the transaction of the change. Enqueues and `runs` write none.
   */
  audit?: AuditOptions;
  /** Tells of the enqueues: `openTelemetry()` of `@millrace/queue/opentelemetry`. Default: nobody is told. */
  telemetry?: Telemetry;
  /** Is told of what this queue enqueues, for metrics. Default: nobody. */
  observer?: EnqueueObserver;
}

const OPTION_FIELDS = fieldNames<QueueOptions>({ audit: true, telemetry: true, observer: true });

/**
 * Creates a queue on a database: a pg pool or a Drizzle database. Sends nothing until one of its methods is called.
 * Throws `InvalidOptionError` (`INVALID_OPTION`) if `db` cannot run statements, and for bad options. Jobs run at least
 * once.
 *
 * @example
 * const queue = createQueue(new Pool({ connectionString: process.env.DATABASE_URL }));
 * const { id } = await queue.enqueue("send-receipt", { orderId: 7 });
 * const job = await queue.get(id);
 */
export function createQueue(db: Queryable, options: QueueOptions = {}): Queue {
  checkNode();
  checkQueryable("db", db);
  checkFields("options", options, OPTION_FIELDS);
  if (options.telemetry !== undefined) checkTelemetry(options.telemetry);
  const observer = options.observer === undefined ? undefined : containObserver(options.observer, warn);
  return {
    ...explainingErrors(createProducer(db, { telemetry: options.telemetry, observer })),
    ...explainingErrors(createJobCommands(db, options.audit)),
    ...explainingErrors(createWaits(db)),
    runs: explainingErrors(createRuns(db)),
  };
}

/** The jobs are enqueued, so the caller must not see an error. A queue has no events, so the process is warned. */
function warn(error: unknown, name: string): void {
  process.emitWarning(`The observer's function ${name} threw: ${reasonOf(error)}`, "MillraceWarning");
}
