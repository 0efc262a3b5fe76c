import type { ClaimedJob } from "@millrace/queue";
import type { AppEvent } from "../app-event.ts";

/** One line that the demo prints about an event. */
export interface AccountLine {
  /** What happened, in one or two words. */
  what: string;
  /** The thing that the event happened to. */
  subject: string;
  detail: string;
  tone: "plain" | "good" | "bad" | "quiet";
}

const TONES = { plain: "", good: "\u001b[32m", bad: "\u001b[33m", quiet: "\u001b[2m" } as const;

/** Formats a line in columns, with the time since the demo began. */
export function formatLine(
  line: AccountLine,
  { elapsedMs, colour }: { elapsedMs: number; colour: boolean },
): string {
  const seconds = `${(elapsedMs / 1_000).toFixed(2)} s`;
  const text =
    `${seconds.padStart(10)}  ${line.what.padEnd(9)}  ${line.subject.padEnd(19)}  ${line.detail}`.trimEnd();
  return colour && line.tone !== "plain" ? `${TONES[line.tone]}${text}\u001b[0m` : text;
}

/** Returns the demo's line about an event. Null for an event that belongs only in a log. */
export function accountOf(event: AppEvent): AccountLine | null {
  switch (event.kind) {
    case "started":
      return line(
        "started",
        "worker",
        `queues ${event.queues.join(", ")}, ${event.concurrency} jobs at a time`,
      );
    case "stopping":
      return line("stopping", "worker", `${event.running} jobs are running`);
    case "stopped":
      return line("stopped", "worker", "");
    case "scheduler":
      if (event.event.kind !== "tick") return null;
      return line("ticked", event.event.scheduleName, `enqueued job …${tail(event.event.jobId)}`);
    case "database-away":
      return line("waiting", "database", `it is away: ${firstLine(event.error)}`, "bad");
    case "http-listening":
      return line("serving", "worker", `health and metrics at ${event.host}:${event.port}`);
    case "connection-lost":
      return line("lost", "database", firstLine(event.error), "bad");
    case "error":
      return line("error", "worker", `could not ${event.during}: ${firstLine(event.error)}`, "bad");
    case "recovered":
      return line("recovered", "worker", `${event.requeued.length} jobs of a worker that was lost`, "bad");
    case "expired":
      return line("canceled", "worker", `${event.ids.length} jobs that did not start in time`, "bad");
    case "no-task":
      return line("waiting", event.types.join(", "), "no worker has the task", "bad");
    case "task-module-slow":
      return line("waiting", "tasks", `${event.file} is still loading`, "bad");
    case "schema-newer":
      return line("newer", "schema", "a newer release migrated the database: update this one", "bad");
    case "tasks-loaded":
    case "database-ready":
    case "schedules-reconciled":
    case "pruned":
    case "paused":
    case "resumed":
    case "changed":
      return null;
    default:
      return jobLine(event);
  }
}

function jobLine(event: Extract<AppEvent, { job: ClaimedJob }>): AccountLine {
  const { job } = event;
  const attempt = `job …${tail(job.id)}, attempt ${job.attempt} of ${job.maxAttempts}`;
  if (event.kind === "job-started") return line("started", job.type, attempt, "quiet");
  const took = `in ${Math.round(event.durationMs)} ms`;
  switch (event.kind) {
    case "job-completed":
      return line("completed", job.type, `${took}, attempt ${job.attempt}`, "good");
    case "job-retried": {
      const again = `again in ${(event.retryInMs / 1_000).toFixed(1)} s`;
      return line("retried", job.type, `${again}: ${firstLine(event.error)}`, "bad");
    }
    case "job-failed":
      return line("failed", job.type, firstLine(event.error), "bad");
    case "job-canceled":
      return line("canceled", job.type, took);
    case "job-snoozed":
      return line("put off", job.type, `by its handler, for ${(event.delayMs / 1_000).toFixed(1)} s`);
    case "job-released":
      return line("released", job.type, "given back to the queue");
    case "lease-lost":
      return line("lost", job.type, "another worker may run it now", "bad");
    default:
      return event satisfies never;
  }
}

function line(
  what: string,
  subject: string,
  detail: string,
  tone: AccountLine["tone"] = "plain",
): AccountLine {
  return { what, subject, detail, tone };
}

/** Returns the random end of a UUID of version 7. The UUID's start is a time, which jobs made together share. */
function tail(id: string): string {
  return id.slice(-6);
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.split("\n", 1)[0] ?? "";
}
