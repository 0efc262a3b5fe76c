import { isTransient } from "@millrace/base";
import type { ClaimedJob } from "../job/job.ts";
import { errorText } from "../run/error-text.ts";
import type { WorkerEvent } from "./worker-event.ts";

/** Lines with the same reason are printed once in this many ms. Further ones in that time are counted. */
const REPEAT_MS = 60_000;

/** How many reasons are remembered. */
const KNOWN_MAX = 100;

/** How many characters of a line are printed. */
const LINE_MAX = 400;

/** What a worker was doing when an error came, as text for people. */
const DOING = {
  begin: "begin a job that must run alone",
  claim: "look for jobs",
  hook: "tell of a failed job by `onJobFailed`",
  listen: "listen",
  observe: "tell its observer",
  presence: "write that it is alive",
  prune: "delete old jobs",
  recover: "take back lost jobs",
  release: "give jobs back",
  renew: "renew its leases",
  settle: "write how a job ended",
  "no-task": "see which jobs wait for a worker that has their task",
} as const satisfies Record<Extract<WorkerEvent, { kind: "error" }>["during"], string>;

/**
 * Turns a worker's events into lines about errors, few enough for a console. While the database is away, one line says
 * so. A further line follows when the reason changes, or when the database answers again.
 */
export class ErrorLines {
  readonly #known = new Map<string, { toldAt: number; more: number }>();
  /** Why the database is away; null if it is not. */
  #away: string | null = null;

  /** The line to write about an event; null for none. */
  of(event: WorkerEvent, now: number): string | null {
    switch (event.kind) {
      case "error":
        return this.#ofError(event, now);
      case "job-failed":
        return this.#once(`${named(event.job)} failed for good`, firstLine(event.error), now);
      case "job-retried": {
        const next = `next one in ${Math.ceil(event.retryInMs / 1_000)} s`;
        return this.#once(`${named(event.job)} failed, ${next}`, firstLine(event.error), now);
      }
      case "lease-lost":
        return this.#once(`${named(event.job)} lost its lease`, "another worker may run the job", now);
      case "no-task": {
        const types = event.types.map((type) => `"${type}"`).join(", ");
        return this.#once(
          `Jobs wait in queue "${event.queue}"`,
          `no living worker has a task for ${types}`,
          now,
        );
      }
      default:
        return null;
    }
  }

  /** The line to write when the database has answered; null for none. */
  answered(): string | null {
    if (this.#away === null) return null;
    this.#away = null;
    return "millrace: the database answers again";
  }

  #ofError({ during, error }: Extract<WorkerEvent, { kind: "error" }>, now: number): string | null {
    const reason = firstLine(errorText(tellingOf(error)));
    if (reason === this.#away) return null;
    const line = this.#once(`The worker cannot ${DOING[during]}`, reason, now);
    if (line !== null && isTransient(error)) this.#away = reason;
    return line;
  }

  /**
   * Returns a line, or null if a line with the same reason was printed less than `REPEAT_MS` ago. `what` does not
   * count, because it differs each time, for instance by a job's id.
   */
  #once(what: string, reason: string, now: number): string | null {
    const known = this.#known.get(reason);
    if (known !== undefined && now - known.toldAt < REPEAT_MS) {
      known.more += 1;
      return null;
    }
    this.#known.delete(reason);
    this.#known.set(reason, { toldAt: now, more: 0 });
    const [oldest] = this.#known.keys();
    if (this.#known.size > KNOWN_MAX && oldest !== undefined) this.#known.delete(oldest);
    const more = known === undefined || known.more === 0 ? "" : ` (and ${known.more} more like this)`;
    return `millrace: ${what}: ${reason}${more}`;
  }
}

function named({ id, type, attempt, maxAttempts }: ClaimedJob): string {
  return `job ${id} (${type}), attempt ${attempt} of ${maxAttempts},`;
}

/**
 * The error that has a message. Node reports a refused connection as an error without one, which holds an error for
 * each address.
 */
function tellingOf(error: unknown): unknown {
  return error instanceof AggregateError && error.message === "" ? (error.errors[0] ?? error) : error;
}

function firstLine(text: string): string {
  const [line = ""] = text.split("\n");
  return line.length <= LINE_MAX ? line : `${line.slice(0, LINE_MAX)}…`;
}
