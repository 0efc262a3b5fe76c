import type { JobState } from "@millrace/schema/values";

/** One step of a random life of some jobs. Indexes wrap around what there is; with nothing there, nothing happens. */
export type Action =
  | { kind: "enqueue"; maxAttempts: number }
  | { kind: "claim"; worker: number; limit: number }
  | { kind: "complete" | "fail-for-good" | "retry-now" | "retry-later" | "release" | "extend"; lease: number }
  | { kind: JobCommand; job: number }
  | { kind: "change"; job: number; maxAttempts: number; due: "now" | "later" | "as before" }
  | { kind: "recover" };

/**
 * What a step does about one job. `elapse`: it comes due. `expire`: the lease of its claim runs out. `split-off`: it
 * gets a claim of its own.
 */
export type JobCommand = "cancel" | "retry" | "run-now" | "elapse" | "expire" | "split-off";

/** A job as the model sees it. */
export interface ModelJob {
  state: JobState;
  attempts: number;
  maxAttempts: number;
  crashes: number;
  token: number;
  cancelRequested: boolean;
}

interface OwnJob extends ModelJob {
  /** The order in which it became due; null while it is due later. */
  dueAt: number | null;
  /** Jobs with the same number were claimed together, and share a lease. */
  claim: number;
  expired: boolean;
}

/** A claim that was ever made; most are stale. */
export interface ModelLease {
  job: number;
  token: number;
}

/** A job that crashed more often fails. */
export const MAX_CRASHES = 2;

/** A job that crashed so often is alone in its claim. */
const SUSPECT_CRASHES = 2;

/** What a queue should do, in memory and by itself: written from the contract, not from the statements. */
export class JobModel {
  readonly jobs: OwnJob[] = [];
  readonly leases: ModelLease[] = [];
  #tick = 0;
  #claims = 0;

  /** Does one step and says what the queue should answer; undefined when the step means nothing yet. */
  apply(action: Action): unknown {
    this.#tick += 1;
    switch (action.kind) {
      case "enqueue":
        this.jobs.push({ ...BORN, maxAttempts: action.maxAttempts, dueAt: this.#tick });
        return "enqueued";
      case "claim":
        return this.#claim(action.limit);
      case "recover":
        return this.#recover();
      case "cancel":
      case "retry":
      case "run-now":
      case "elapse":
      case "expire":
      case "split-off": {
        const job = at(this.jobs, action.job);
        return job === undefined ? undefined : this.#command(action.kind, job);
      }
      case "change": {
        const job = at(this.jobs, action.job);
        return job === undefined ? undefined : this.#change(job, action);
      }
      default: {
        const lease = at(this.leases, action.lease);
        return lease === undefined ? undefined : this.#write(action.kind, lease);
      }
    }
  }

  #claim(limit: number) {
    const due = this.jobs
      .map((job, index) => ({ job, index }))
      .filter(({ job }) => job.state === "queued" && job.dueAt !== null)
      .sort((a, b) => (a.job.dueAt ?? 0) - (b.job.dueAt ?? 0) || a.index - b.index)
      .slice(0, limit)
      .sort((a, b) => a.index - b.index);
    const together = this.#nextClaim();
    return due.map(({ job, index }) => {
      Object.assign(job, {
        claim: job.crashes < SUSPECT_CRASHES ? together : this.#nextClaim(),
        state: "running",
        attempts: job.attempts + 1,
        token: job.token + 1,
        expired: false,
      });
      this.leases.push({ job: index, token: job.token });
      return { job: index, token: job.token, attempt: job.attempts, crashes: job.crashes };
    });
  }

  #write(kind: Extract<Action, { lease: number }>["kind"], lease: ModelLease) {
    const job = this.jobs[lease.job];
    if (job === undefined || job.state !== "running" || job.token !== lease.token) return "refused";
    const canceledOr = (state: JobState): JobState => (job.cancelRequested ? "canceled" : state);
    if (kind === "extend") {
      this.#setExpired(job, false);
      return job.cancelRequested ? "cancel-requested" : "written";
    }
    if (kind === "complete") job.state = "completed";
    if (kind === "fail-for-good") job.state = canceledOr("failed");
    if (kind === "retry-now" || kind === "retry-later") {
      job.state = canceledOr(job.attempts < job.maxAttempts ? "queued" : "failed");
      job.dueAt = kind === "retry-now" ? this.#tick : null;
    }
    if (kind === "release") {
      job.state = canceledOr("queued");
      job.attempts -= 1;
    }
    job.cancelRequested = false;
    if (kind === "complete" || kind === "release") return "written";
    return job.state === "queued" ? "retried" : job.state;
  }

  #nextClaim(): number {
    this.#claims += 1;
    return this.#claims;
  }

  /** The lease of a running job is the lease of every other running job of its claim. */
  #setExpired({ claim }: OwnJob, expired: boolean): void {
    for (const job of this.jobs) if (job.state === "running" && job.claim === claim) job.expired = expired;
  }

  #command(kind: JobCommand, job: OwnJob) {
    if (kind === "expire" && job.state === "running") this.#setExpired(job, true);
    if (kind === "split-off" && job.state === "running") job.claim = this.#nextClaim();
    if (kind === "elapse" && job.state === "queued" && job.dueAt === null) job.dueAt = this.#tick;
    if (kind === "run-now") {
      if (job.state !== "queued") return "JOB_STATE";
      job.dueAt ??= this.#tick;
    }
    if (kind === "retry") {
      if (job.state === "queued" || job.state === "running") return "JOB_STATE";
      Object.assign(job, {
        state: "queued",
        attempts: 0,
        crashes: 0,
        dueAt: this.#tick,
        cancelRequested: false,
      });
    }
    if (kind !== "cancel") return "done";
    if (job.state === "queued") {
      job.state = "canceled";
      return "canceled";
    }
    if (job.state !== "running") return "JOB_STATE";
    job.cancelRequested = true;
    return "cancel-requested";
  }

  #change(job: OwnJob, { maxAttempts, due }: Extract<Action, { kind: "change" }>) {
    if (job.state !== "queued") return "JOB_STATE";
    job.maxAttempts = maxAttempts;
    if (due !== "as before") job.dueAt = due === "now" ? this.#tick : null;
    return "changed";
  }

  #recover() {
    const result: Record<"requeued" | "failed" | "canceled", number[]> = {
      requeued: [],
      failed: [],
      canceled: [],
    };
    for (const [index, job] of this.jobs.entries()) {
      if (job.state !== "running" || !job.expired) continue;
      const ending = job.cancelRequested ? "canceled" : job.crashes >= MAX_CRASHES ? "failed" : "requeued";
      result[ending].push(index);
      // The first crash is the worker's, and the job is due at once.
      job.dueAt = job.crashes === 0 ? this.#tick : null;
      job.state = ending === "requeued" ? "queued" : ending;
      job.cancelRequested = false;
      job.crashes += 1;
      job.attempts -= 1;
    }
    return result;
  }
}

const BORN: Omit<OwnJob, "dueAt" | "maxAttempts"> = {
  state: "queued",
  attempts: 0,
  crashes: 0,
  token: 0,
  cancelRequested: false,
  claim: 0,
  expired: false,
};

/** The item at an index that wraps around. */
export function at<T>(items: readonly T[], index: number): T | undefined {
  return items[index % Math.max(1, items.length)];
}
