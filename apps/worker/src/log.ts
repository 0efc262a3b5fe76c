import type { ClaimedJob } from "@millrace/queue";
import type { ReconcileReport, SchedulerEvent } from "@millrace/scheduler";
import { type DestinationStream, destination, type Logger, pino } from "pino";
import type { AppEvent } from "./app-event.ts";
import type { Settings } from "./config/settings.ts";
import { errorFields } from "./error-fields.ts";
import type { LogRedactor } from "./log-redactor.ts";
import { type TraceFields, traceFields } from "./trace-fields.ts";
import { version } from "./version.ts";

/** One log line before it is written. */
export interface LogLine {
  level: "debug" | "info" | "warn" | "error";
  message: string;
  fields: Readonly<Record<string, unknown>>;
}

/** The options of `createLog`. */
export interface LogOptions {
  /** Where the lines go. Default: standard output, which is written synchronously: no line is lost at the exit. */
  stream?: DestinationStream;
  /** Leaves values out of each line. Default: all values are written. */
  redactor?: LogRedactor | null;
  /** The ids of the active span, for each line. Default: none. */
  activeSpan?(): TraceFields;
}

/** Creates a log of JSON lines with ISO times. */
export function createLog(level: Settings["logLevel"], options: LogOptions = {}): Logger {
  const { stream = destination({ dest: 1, sync: true }), redactor = null, activeSpan } = options;
  // The default serializer appends the cause's message to the error's message, which often quotes the cause already.
  const serializers = { err: pino.stdSerializers.errWithCause };
  return pino(
    {
      level,
      serializers,
      timestamp: pino.stdTimeFunctions.isoTime,
      ...(activeSpan === undefined ? {} : { mixin: activeSpan }),
    },
    redactor === null ? stream : { write: (line) => stream.write(redactor.line(line)) },
  );
}

/** Writes the log line of an event. The text of a job's error loses what `redactor` finds in the job's payload. */
export function logEvent(log: Logger, event: AppEvent, redactor: LogRedactor | null = null): void {
  const { level, message, fields } = logLine(event);
  const { error } = fields;
  if (redactor !== null && "job" in event && typeof error === "string") {
    log[level]({ ...fields, error: redactor.errorText(error, event.job) }, message);
  } else log[level](fields, message);
}

/** Returns the log line of an event. No line contains a payload, because payloads may contain secrets. */
export function logLine(event: AppEvent): LogLine {
  switch (event.kind) {
    case "tasks-loaded":
      return line("info", "tasks loaded", { tasks: event.tasks, tasksDir: event.tasksDir ?? null });
    case "task-module-slow": {
      const { file, waitedMs } = event;
      return line("warn", "a module of tasks is still loading: does a top-level await hang?", {
        file,
        waitedMs,
      });
    }
    case "database-away":
      return line("warn", "the database is away, trying again", {
        ...errorFields(event.error),
        retryInMs: event.retryInMs,
      });
    case "database-ready":
      return line("info", "the database is there", {
        database: event.database,
        migrationsApplied: event.migrationsApplied,
      });
    case "schema-newer": {
      const { database, release } = event.version;
      return line("warn", "the database has the millrace schema of a newer release: update this worker", {
        databaseMigrations: database,
        workerMigrations: release,
        workerVersion: version(),
      });
    }
    case "scheduler":
      return schedulerLine(event.event);
    case "schedules-reconciled":
      return reconciledLine(event.report);
    case "http-listening":
      return line("info", "health and metrics are served", { host: event.host, port: event.port });
    case "connection-lost":
      return line("warn", "an idle connection was lost", errorFields(event.error));
    case "started": {
      const { workerId, queues, concurrency } = event;
      return line("info", "worker started", { workerId, queues, concurrency });
    }
    case "stopping":
      return line("info", "worker stopping", { workerId: event.workerId, running: event.running });
    case "stopped":
      return line("info", "worker stopped", { workerId: event.workerId });
    case "paused":
      return line("info", "worker paused", { workerId: event.workerId });
    case "resumed":
      return line("info", "worker resumed", { workerId: event.workerId });
    case "changed": {
      const { workerId, queues, concurrency } = event;
      return line("info", "worker changed", { workerId, queues, concurrency });
    }
    case "expired":
      return line("warn", "jobs canceled that did not start in time", { jobs: event.ids });
    case "recovered": {
      const { requeued, failed, canceled } = event;
      return line("warn", "jobs of lost workers recovered", { requeued, failed, canceled });
    }
    case "pruned":
      return line("info", "old jobs deleted", { deleted: event.deleted });
    case "no-task": {
      const { queue, types, jobs } = event;
      return line("warn", "due jobs wait for a worker that has their task", { queue, types, jobs });
    }
    case "error":
      return line("error", `could not ${event.during}, trying again`, errorFields(event.error));
    default:
      return jobLine(event);
  }
}

type JobEvent = Extract<AppEvent, { job: ClaimedJob }>;

function jobLine(event: JobEvent): LogLine {
  const { id: jobId, type, queue, attempt } = event.job;
  const job = { jobId, type, queue, attempt, ...traceFields(event.traceIds ?? null) };
  if (event.kind === "job-started") return line("debug", "job started", job);
  const run = { ...job, durationMs: Math.round(event.durationMs) };
  switch (event.kind) {
    case "job-completed":
      return line("info", "job completed", run);
    case "job-retried":
      return line("warn", "job will be retried", { ...run, retryInMs: event.retryInMs, error: event.error });
    case "job-failed":
      return line("error", "job failed", { ...run, error: event.error });
    case "job-canceled":
      return line("info", "job canceled", run);
    case "job-snoozed":
      return line("info", "job put off by its handler", { ...run, delayMs: event.delayMs });
    case "job-released":
      return line("info", "job given back", run);
    case "lease-lost":
      return line("warn", "job's lease lost", run);
    default:
      return event satisfies never;
  }
}

function reconciledLine({ created, updated, unchanged, drift, warnings }: ReconcileReport): LogLine {
  const uneven = warnings.length > 0 ? { warnings } : {};
  const fields = { created, updated, unchanged: unchanged.length, drift, ...uneven };
  if (drift.length > 0) return line("warn", "declared schedules reconciled; what differs was left", fields);
  if (warnings.length === 0) return line("info", "declared schedules reconciled", fields);
  return line("warn", "declared schedules reconciled; some steps are not what they seem", fields);
}

function schedulerLine(event: SchedulerEvent): LogLine {
  switch (event.kind) {
    case "started":
      return line("info", "scheduler started", {});
    case "stopped":
      return line("info", "scheduler stopped", {});
    case "tick": {
      const { scheduleName: schedule, tickAt, jobId, outcome } = event;
      return line("info", "schedule ticked", { schedule, tickAt, jobId, outcome });
    }
    case "misfire": {
      const { scheduleName: schedule, policy, firstTickAt, lastTickAt, jobs } = event;
      return line("warn", "ticks were found late", { schedule, policy, firstTickAt, lastTickAt, jobs });
    }
    case "overlap-skipped": {
      const { scheduleName: schedule, lastTickAt } = event;
      return line("info", "tick skipped, its last job is not finished", { schedule, lastTickAt });
    }
    case "schedule-ended": {
      const { scheduleName: schedule, lastTickAt } = event;
      return line("info", "schedule has no further tick", { schedule, lastTickAt });
    }
    case "listen-error":
      return line(
        "warn",
        "changes of schedules are not heard at once, listening again",
        errorFields(event.error),
      );
    case "schedule-failed":
      return line("error", "schedule cannot tick", { schedule: event.scheduleName, err: event.error });
    case "error":
      return line("error", "could not look for due schedules, trying again", {
        ...errorFields(event.error),
        retryInMs: Math.round(event.retryInMs),
      });
    default:
      return event satisfies never;
  }
}

function line(level: LogLine["level"], message: string, fields: LogLine["fields"]): LogLine {
  return { level, message, fields };
}
