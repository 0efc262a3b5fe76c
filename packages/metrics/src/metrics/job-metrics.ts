import type { ClaimedJob, ObservedClaim, WorkerEvent, WorkerObserver } from "@millrace/queue";
import { Counter, Histogram, type Registry } from "prom-client";
import { JOB_BUCKETS, STATEMENT_BUCKETS } from "./buckets.ts";
import { LabelLimit } from "./label-limit.ts";

const CLAIM_RESULTS: readonly ObservedClaim["result"][] = ["full", "partial", "empty", "failed"];
const RECOVERED_OUTCOMES = ["requeued", "failed", "canceled"] as const;

/** The metrics of what workers of this process do. They share one set: a process exports sums over its workers. */
export class JobMetrics implements WorkerObserver {
  readonly #queues = new LabelLimit();
  readonly #types = new LabelLimit();
  readonly #enqueued: Counter<"queue">;
  readonly #finished: Counter<"queue" | "type" | "outcome">;
  readonly #retried: Counter<"queue" | "type">;
  readonly #refused: Counter<"queue">;
  readonly #renewed: Counter;
  readonly #lost: Counter;
  readonly #recovered: Counter<"outcome">;
  readonly #claims: Counter<"result">;
  readonly #claimed: Counter;
  readonly #errors: Counter<"during">;
  readonly #run: Histogram<"type">;
  readonly #wait: Histogram<"queue">;
  readonly #claim: Histogram;
  readonly #settle: Histogram;

  constructor(registry: Registry) {
    const counter = <Label extends string = never>(name: string, help: string, labelNames: Label[] = []) =>
      new Counter({ name, help, labelNames, registers: [registry] });
    this.#enqueued = counter("millrace_jobs_enqueued_total", "New jobs that this process enqueued.", [
      "queue",
    ]);
    this.#finished = counter(
      "millrace_jobs_finished_total",
      "Runs that ended their job, by outcome: completed, failed or canceled.",
      ["queue", "type", "outcome"],
    );
    this.#retried = counter(
      "millrace_jobs_retried_total",
      "Runs that failed, and whose job is tried again.",
      ["queue", "type"],
    );
    this.#refused = counter(
      "millrace_writes_refused_total",
      "Runs whose outcome was not written, because their lease was lost.",
      ["queue"],
    );
    this.#renewed = counter("millrace_leases_renewed_total", "Leases of runs that were renewed.");
    this.#lost = counter(
      "millrace_leases_lost_total",
      "Runs that were aborted, because their lease was lost or was about to end.",
    );
    this.#recovered = counter(
      "millrace_jobs_recovered_total",
      "Runs of lost workers that this process took back, by what became of the job.",
      ["outcome"],
    );
    this.#claims = counter("millrace_claims_total", "Claims, by result: full, partial, empty or failed.", [
      "result",
    ]);
    this.#claimed = counter("millrace_jobs_claimed_total", "Jobs that claims took.");
    this.#errors = counter("millrace_worker_errors_total", "What workers failed to do, and try again.", [
      "during",
    ]);
    const histogram = <Label extends string = never>(
      name: string,
      help: string,
      { labelNames = [], buckets }: { labelNames?: Label[]; buckets: number[] },
    ) => new Histogram({ name, help, labelNames, buckets, registers: [registry] });
    this.#run = histogram("millrace_job_run_seconds", "How long handlers ran.", {
      labelNames: ["type"],
      buckets: JOB_BUCKETS,
    });
    this.#wait = histogram(
      "millrace_job_wait_seconds",
      "How long jobs were due before their handler began.",
      {
        labelNames: ["queue"],
        buckets: JOB_BUCKETS,
      },
    );
    this.#claim = histogram("millrace_claim_seconds", "How long claims took, with failed ones.", {
      buckets: STATEMENT_BUCKETS,
    });
    this.#settle = histogram("millrace_settle_seconds", "How long statements took that write outcomes.", {
      buckets: STATEMENT_BUCKETS,
    });
    // Rates and alerts need a series from the start, not from the first such claim or recovery.
    for (const result of CLAIM_RESULTS) this.#claims.inc({ result }, 0);
    for (const outcome of RECOVERED_OUTCOMES) this.#recovered.inc({ outcome }, 0);
  }

  enqueued(queue: string, jobs: number): void {
    this.#enqueued.inc({ queue: this.#queues.of(queue) }, jobs);
  }

  claimed({ result, jobs, durationMs }: ObservedClaim): void {
    this.#claims.inc({ result });
    this.#claimed.inc(jobs);
    this.#claim.observe(durationMs / 1_000);
  }

  waited(job: ClaimedJob, waitMs: number): void {
    this.#wait.observe({ queue: this.#queues.of(job.queue) }, waitMs / 1_000);
  }

  settled(durationMs: number): void {
    this.#settle.observe(durationMs / 1_000);
  }

  renewed({ renewed, lost }: { renewed: number; lost: number }): void {
    this.#renewed.inc(renewed);
    this.#lost.inc(lost);
  }

  event(event: WorkerEvent): void {
    if ("durationMs" in event) this.#runEnded(event);
    else if (event.kind === "recovered") {
      for (const outcome of RECOVERED_OUTCOMES) this.#recovered.inc({ outcome }, event[outcome].length);
    } else if (event.kind === "error") this.#errors.inc({ during: event.during });
  }

  #runEnded(event: Extract<WorkerEvent, { durationMs: number }>): void {
    const queue = this.#queues.of(event.job.queue);
    const type = this.#types.of(event.job.type);
    this.#run.observe({ type }, event.durationMs / 1_000);
    switch (event.kind) {
      case "job-completed":
        this.#finished.inc({ queue, type, outcome: "completed" });
        break;
      case "job-failed":
        this.#finished.inc({ queue, type, outcome: "failed" });
        break;
      case "job-canceled":
        this.#finished.inc({ queue, type, outcome: "canceled" });
        break;
      case "job-retried":
        this.#retried.inc({ queue, type });
        break;
      case "lease-lost":
        this.#refused.inc({ queue });
        break;
      case "job-snoozed":
      case "job-released":
        break;
      default:
        event satisfies never;
    }
  }
}
