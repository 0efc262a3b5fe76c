import { executorOf } from "@millrace/base";
import type pg from "pg";
import { expect } from "vitest";
import type { Lease, Queue } from "../../src/index.ts";
import { splitClaim } from "../../src/lease/split-claim.sql.ts";
import {
  type Action,
  at,
  type JobCommand,
  MAX_CRASHES,
  type ModelJob,
  type ModelLease,
} from "./job-model.ts";

/** The jobs of one sequence in the database, in a queue of their own; answers in the model's terms. */
export class RealJobs {
  readonly #pool: pg.Pool;
  readonly #queue: Queue;
  readonly #name: string;
  readonly #ids: string[] = [];
  /** The tokens each job was claimed with, in order: the model counts claims, and tokens need only grow. */
  readonly #tokens: number[][] = [];
  readonly #leases: ModelLease[] = [];

  constructor(pool: pg.Pool, queue: Queue, name: string) {
    this.#pool = pool;
    this.#queue = queue;
    this.#name = name;
  }

  /** Does one step with the queue and says what it answered, as the model does. */
  async apply(action: Action): Promise<unknown> {
    switch (action.kind) {
      case "enqueue": {
        const { maxAttempts } = action;
        const { id, outcome } = await this.#queue.enqueue("t", {}, { queue: this.#name, maxAttempts });
        this.#ids.push(id);
        this.#tokens.push([]);
        return outcome;
      }
      case "claim":
        return this.#claim(`worker-${action.worker}`, action.limit);
      case "recover":
        return this.#recover();
      case "cancel":
      case "retry":
      case "run-now":
      case "elapse":
      case "expire":
      case "split-off": {
        const id = at(this.#ids, action.job);
        return id === undefined ? undefined : this.#command(action.kind, id);
      }
      case "change": {
        const id = at(this.#ids, action.job);
        return id === undefined ? undefined : this.#change(id, action);
      }
      default: {
        const lease = at(this.#leases, action.lease);
        const id = this.#ids[lease?.job ?? -1];
        if (lease === undefined || id === undefined) return undefined;
        const leaseToken = this.#tokens[lease.job]?.[lease.token - 1] ?? 0;
        return this.#write(action.kind, { id, leaseToken });
      }
    }
  }

  /** The rows, in the order in which their jobs were enqueued. */
  async rows(): Promise<ModelJob[]> {
    const { rows } = await this.#pool.query(
      `SELECT state, attempts, max_attempts AS "maxAttempts", crashes, lease_token::float8 AS token,
              cancel_requested_at IS NOT NULL AS "cancelRequested"
       FROM unnest($1::uuid[]) WITH ORDINALITY AS given(id, place)
       JOIN millrace.jobs j ON j.id = given.id ORDER BY place`,
      [this.#ids],
    );
    return rows.map((row, index) => ({ ...row, token: this.#claimsUpTo(index, row.token) }));
  }

  /** Which of a job's claims gave it this token, from 1; 0 for one that was never claimed. */
  #claimsUpTo(index: number, token: number): number {
    return (this.#tokens[index]?.indexOf(token) ?? -1) + 1;
  }

  async #claim(workerId: string, limit: number) {
    const claimed = await this.#queue.runs.claim({
      queues: [this.#name],
      workerId,
      limit,
      leaseSeconds: 3_600,
    });
    const found = claimed
      .map(({ id, leaseToken, attempt, crashes }) => {
        const job = this.#ids.indexOf(id);
        const tokens = this.#tokens[job] ?? [];
        expect(leaseToken).toBeGreaterThan(tokens.at(-1) ?? 0);
        return { job, token: tokens.push(leaseToken), attempt, crashes };
      })
      .sort((a, b) => a.job - b.job);
    this.#leases.push(...found.map(({ job, token }) => ({ job, token })));
    return found;
  }

  async #write(kind: Extract<Action, { lease: number }>["kind"], lease: Lease): Promise<string> {
    const queue = this.#queue;
    if (kind === "extend") {
      const { refused, cancelRequested } = await queue.runs.extend([lease], 3_600);
      if (refused.length > 0) return "refused";
      return cancelRequested.length > 0 ? "cancel-requested" : "written";
    }
    const retryInMs = { "retry-now": 0, "retry-later": 3_600_000, "fail-for-good": null };
    if (kind !== "complete" && kind !== "release") {
      const told = await queue.runs.fail([{ ...lease, error: "x", retryInMs: retryInMs[kind] }]);
      return Object.entries(told).find(([, leases]) => leases.length > 0)?.[0] ?? "nothing";
    }
    const refused =
      kind === "complete" ? await queue.runs.complete([lease]) : await queue.runs.release([lease]);
    return refused.length > 0 ? "refused" : "written";
  }

  async #command(kind: JobCommand, id: string): Promise<string> {
    switch (kind) {
      case "elapse":
        await this.#pool.query(
          "UPDATE millrace.waiting_jobs SET run_at = now() WHERE id = $1 AND run_at > now()",
          [id],
        );
        return "done";
      case "expire":
        await this.#pool.query(
          `UPDATE millrace.claims SET lease_until = now() - interval '1 second'
           WHERE $1 = ANY(ids) AND (open IS NULL OR array_position(ids, $1) = ANY(open))`,
          [id],
        );
        return "done";
      case "split-off": {
        const { state, leaseToken } = await this.#queue.get(id);
        if (state === "running") await splitClaim(executorOf(this.#pool), { id, leaseToken });
        return "done";
      }
      case "cancel":
        return answerOf(this.#queue.cancel(id));
      case "retry":
        return answerOf(this.#queue.retry(id).then(() => "done"));
      case "run-now":
        return answerOf(this.#queue.runNow(id).then(() => "done"));
      default:
        return kind satisfies never;
    }
  }

  #change(id: string, { maxAttempts, due }: Extract<Action, { kind: "change" }>): Promise<string> {
    const time = due === "as before" ? {} : { delayMs: due === "now" ? 0 : 3_600_000 };
    return answerOf(this.#queue.change(id, { maxAttempts, ...time }).then(() => "changed"));
  }

  async #recover() {
    const { requeued, failed, canceled } = await this.#queue.runs.recover({ maxCrashes: MAX_CRASHES });
    // Runs of earlier sequences may have been left expired.
    const indexes = (ids: string[]) =>
      ids
        .map((id) => this.#ids.indexOf(id))
        .filter((index) => index >= 0)
        .sort((a, b) => a - b);
    return { requeued: indexes(requeued), failed: indexes(failed), canceled: indexes(canceled) };
  }
}

function answerOf(call: Promise<string>): Promise<string> {
  return call.catch((error: unknown) =>
    error instanceof Error && "code" in error ? String(error.code) : String(error),
  );
}
