import { fieldNames, fieldProblem, shown } from "@millrace/base";
import type { KeyScope } from "@millrace/schema/values";
import { InvalidJobError } from "../errors.ts";

/**
 * How long a job's idempotency key stays taken:
 * - `queued`: until the job is claimed.
 * - `active`: until the job has ended.
 * - `{ periodMs }`: for this many ms from the enqueue, from 1 to the ms of 100 years.
 *
 * When a job is queued again, by a retry for instance, the job has its key again, unless another job has taken the key.
 */
export type UniqueScope = "queued" | "active" | { periodMs: number };

/**
 * What an enqueue does when its key is taken:
 * - `existing`: returns the id of the job that has the key.
 * - `error`: throws `DuplicateJobError`.
 * - `replace`: overwrites the job that has the key, if that job is still queued. Otherwise does what `existing` does.
 */
export type OnDuplicate = "existing" | "error" | "replace";

/** The options that make a job unique. Keys of all queues and types share one namespace. */
export interface UniqueOptions {
  /** At most one job has this key, 1 to 255 characters. A second enqueue returns the id of the first job. */
  idempotencyKey?: string;
  /** How long the key stays taken. Default: until its job is deleted. Needs `idempotencyKey`. */
  keyScope?: UniqueScope;
  /** What to do when the key is taken. Default `existing`. Needs `idempotencyKey`. */
  onDuplicate?: OnDuplicate;
  /**
   * Calls with the same key make one job, which runs `delayMs` after the last call, with the payload of the last call.
   * Short for `idempotencyKey`, `keyScope: "queued"`, `onDuplicate: "replace"` and `delayMs`. Excludes these options,
   * `runAt` and `throttle`.
   */
  debounce?: { key: string; delayMs: number };
  /**
   * Calls with the same key make at most one job in `periodMs`. Later calls return the id of the first job. Short for
   * `idempotencyKey` and `keyScope: { periodMs }`. Excludes these options, `onDuplicate` and `debounce`.
   */
  throttle?: { key: string; periodMs: number };
}

/** The options of a key, after `debounce` and `throttle` were replaced by the options that they are short for. */
export interface UniqueKey {
  idempotencyKey: string | undefined;
  keyScope: KeyScope | null;
  periodMs: number | undefined;
  onDuplicate: OnDuplicate;
  /** The delay of a `debounce`, in ms. */
  delayMs: number | undefined;
}

type Shorthand = "debounce" | "throttle";

const SHORTHAND_FIELDS: Record<Shorthand, readonly string[]> = {
  debounce: fieldNames<NonNullable<UniqueOptions["debounce"]>>({ key: true, delayMs: true }),
  throttle: fieldNames<NonNullable<UniqueOptions["throttle"]>>({ key: true, periodMs: true }),
};

const SCOPE_FIELDS = fieldNames<Extract<UniqueScope, object>>({ periodMs: true });

const ON_DUPLICATE: readonly unknown[] = ["existing", "error", "replace"] satisfies OnDuplicate[];

const EXCLUDED: Record<Shorthand, readonly (keyof UniqueOptions | "runAt" | "delayMs")[]> = {
  debounce: ["idempotencyKey", "keyScope", "onDuplicate", "throttle", "runAt", "delayMs"],
  throttle: ["idempotencyKey", "keyScope", "onDuplicate", "debounce"],
};

/**
 * Reads the options of a key. Throws `InvalidJobError` for options that exclude each other. The caller must check the
 * key, the period and the delay.
 */
export function uniqueKeyOf(
  job: UniqueOptions & { runAt?: Date; delayMs?: number },
  field: (name: string) => string,
): UniqueKey {
  const shorthand = (["debounce", "throttle"] as const).find((name) => job[name] !== undefined);
  if (shorthand === undefined) return spelledOut(job, field);
  checkParts(field(shorthand), job[shorthand], SHORTHAND_FIELDS[shorthand]);
  const other = EXCLUDED[shorthand].find((name) => job[name] !== undefined);
  if (other !== undefined) {
    throw new InvalidJobError(field(shorthand), `and \`${other}\` exclude each other; give one of them.`);
  }
  return {
    idempotencyKey: job.debounce?.key ?? job.throttle?.key ?? "",
    keyScope: shorthand === "debounce" ? "queued" : "period",
    periodMs: job.throttle?.periodMs,
    onDuplicate: shorthand === "debounce" ? "replace" : "existing",
    delayMs: job.debounce?.delayMs,
  };
}

function spelledOut(job: UniqueOptions, field: (name: string) => string): UniqueKey {
  for (const name of ["keyScope", "onDuplicate"] as const) {
    if (job[name] !== undefined && job.idempotencyKey === undefined) {
      throw new InvalidJobError(field(name), "needs an `idempotencyKey`; give one.");
    }
  }
  const { keyScope, onDuplicate = "existing" } = job;
  if (!ON_DUPLICATE.includes(onDuplicate)) {
    throw new InvalidJobError(
      field("onDuplicate"),
      `must be ${ON_DUPLICATE.join(", ")}, got ${shown(onDuplicate)}.`,
    );
  }
  const period = typeof keyScope === "object" && keyScope !== null;
  if (period) checkParts(field("keyScope"), keyScope, SCOPE_FIELDS);
  else if (keyScope !== undefined && keyScope !== "queued" && keyScope !== "active") {
    throw new InvalidJobError(
      field("keyScope"),
      `must be "queued", "active" or { periodMs }, got ${shown(keyScope)}.`,
    );
  }
  return {
    idempotencyKey: job.idempotencyKey,
    keyScope: period ? "period" : (keyScope ?? null),
    periodMs: period ? keyScope.periodMs : undefined,
    onDuplicate,
    delayMs: undefined,
  };
}

function checkParts(what: string, value: unknown, known: readonly string[]): void {
  const problem = fieldProblem(value, known);
  if (problem === null) return;
  throw new InvalidJobError(problem.field === null ? what : `${what}.${problem.field}`, problem.reason);
}
