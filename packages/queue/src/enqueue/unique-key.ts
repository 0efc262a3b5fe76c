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

/** What an enqueue does when its key is taken. `follow` is the rule of `latest`. */
export type DuplicateRule = OnDuplicate | "follow";

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
   * With `maxWaitMs`, the job runs at the latest so many ms after the first of these calls, from `delayMs` to the ms of
   * 100 years. Short for `idempotencyKey`, `keyScope: "queued"`, `onDuplicate: "replace"` and `delayMs`. Excludes these
   * options, `runAt`, `throttle` and `latest`.
   */
  debounce?: { key: string; delayMs: number; maxWaitMs?: number };
  /**
   * Calls with the same key make at most one job in `periodMs`. Later calls return the id of the first job. Short for
   * `idempotencyKey` and `keyScope: { periodMs }`. Excludes these options, `onDuplicate`, `debounce` and `latest`.
   */
  throttle?: { key: string; periodMs: number };
  /**
   * One job of the key runs at a time, and the last call's job runs after the others.
   * - While the key's job is queued, a call overwrites the job, as `onDuplicate: "replace"` does. That includes a job
   *   that waits for its next attempt.
   * - While the key's job runs, a call makes a follower: a job that takes the key, and is due when the running job has
   *   ended. Further calls overwrite the follower.
   *
   * Excludes the other options of keys, `runAt`, `delayMs` and `startWithinMs`.
   */
  latest?: { key: string };
}

/** The options of a key, after `debounce` and `throttle` were replaced by the options that they are short for. */
export interface UniqueKey {
  idempotencyKey: string | undefined;
  keyScope: KeyScope | null;
  periodMs: number | undefined;
  onDuplicate: DuplicateRule;
  /** The delay of a `debounce`, in ms. */
  delayMs: number | undefined;
  /** The longest delay of a `debounce`, in ms. */
  maxWaitMs: number | undefined;
}

/** The options that are short for others, in the order in which errors name them. */
const SHORTHANDS = ["debounce", "throttle", "latest"] as const;

type Shorthand = (typeof SHORTHANDS)[number];

const SHORTHAND_FIELDS: Record<Shorthand, readonly string[]> = {
  debounce: fieldNames<NonNullable<UniqueOptions["debounce"]>>({ key: true, delayMs: true, maxWaitMs: true }),
  throttle: fieldNames<NonNullable<UniqueOptions["throttle"]>>({ key: true, periodMs: true }),
  latest: fieldNames<NonNullable<UniqueOptions["latest"]>>({ key: true }),
};

const SCOPE_FIELDS = fieldNames<Extract<UniqueScope, object>>({ periodMs: true });

const ON_DUPLICATE: readonly unknown[] = ["existing", "error", "replace"] satisfies OnDuplicate[];

/** The options of times, which some keys exclude. */
interface TimeOptions {
  runAt?: Date;
  delayMs?: number;
  startWithinMs?: number;
}

const SPELLED_OUT = ["idempotencyKey", "keyScope", "onDuplicate"] as const;

const EXCLUDED: Record<Shorthand, readonly (keyof (UniqueOptions & TimeOptions))[]> = {
  debounce: [...SPELLED_OUT, "throttle", "latest", "runAt", "delayMs"],
  throttle: [...SPELLED_OUT, "debounce", "latest"],
  latest: [...SPELLED_OUT, "debounce", "throttle", "runAt", "delayMs", "startWithinMs"],
};

/** The rules of a key that is made by a shorthand. */
const RULES: Record<Shorthand, Pick<UniqueKey, "keyScope" | "onDuplicate">> = {
  debounce: { keyScope: "queued", onDuplicate: "replace" },
  throttle: { keyScope: "period", onDuplicate: "existing" },
  latest: { keyScope: "active", onDuplicate: "follow" },
};

/**
 * Reads the options of a key. Throws `InvalidJobError` for options that exclude each other. The caller must check the
 * key, the period and the delays.
 */
export function uniqueKeyOf(job: UniqueOptions & TimeOptions, field: (name: string) => string): UniqueKey {
  const shorthand = shorthandOf(job);
  if (shorthand === undefined) return spelledOut(job, field);
  checkParts(field(shorthand), job[shorthand], SHORTHAND_FIELDS[shorthand]);
  const other = EXCLUDED[shorthand].find((name) => job[name] !== undefined);
  if (other !== undefined) {
    throw new InvalidJobError(field(shorthand), `and \`${other}\` exclude each other; give one of them.`);
  }
  return {
    idempotencyKey: job[shorthand]?.key ?? "",
    ...RULES[shorthand],
    periodMs: job.throttle?.periodMs,
    delayMs: job.debounce?.delayMs,
    maxWaitMs: job.debounce?.maxWaitMs,
  };
}

/** The field that has a job's key, for errors. */
export function keyFieldOf(job: UniqueOptions): string {
  const shorthand = shorthandOf(job);
  return shorthand === undefined ? "idempotencyKey" : `${shorthand}.key`;
}

function shorthandOf(job: UniqueOptions): Shorthand | undefined {
  return SHORTHANDS.find((name) => job[name] !== undefined);
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
    maxWaitMs: undefined,
  };
}

function checkParts(what: string, value: unknown, known: readonly string[]): void {
  const problem = fieldProblem(value, known);
  if (problem === null) return;
  throw new InvalidJobError(problem.field === null ? what : `${what}.${problem.field}`, problem.reason);
}
