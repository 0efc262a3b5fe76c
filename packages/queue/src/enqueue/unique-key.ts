import { fieldNames, fieldProblem, shown } from "@millrace/base";
import type { KeyScope } from "@millrace/schema/values";
import { InvalidJobError } from "../errors.ts";

/**
 * For how long a job holds its idempotency key: until it is claimed, until it has ended, or for a time in ms from its
 * enqueue. A retry queues the job again; the job then holds its key again, unless another job took the key in between.
 */
export type UniqueScope = "queued" | "active" | { periodMs: number };

/**
 * What an enqueue does when its key is taken. `existing`: it returns the id of the job that has the key. `error`: it
 * throws `DuplicateJobError`. `replace`: it overwrites that job if the job is still queued; the id stays. If the job is
 * no longer queued, `replace` does what `existing` does.
 */
export type OnDuplicate = "existing" | "error" | "replace";

/** What makes a job unique. Keys of all queues and types share one namespace. */
export interface UniqueOptions {
  /** At most one job has this key; a second enqueue returns the id of the first job. 1 to 255 characters. */
  idempotencyKey?: string;
  /** For how long the key stays taken. Default: until its job is pruned. Needs `idempotencyKey`. */
  keyScope?: UniqueScope;
  /** What to do when the key is taken. Default `existing`. Needs `idempotencyKey`. */
  onDuplicate?: OnDuplicate;
  /**
   * Any number of calls with this key make one run: `delayMs` after the last call, with the payload of the last call.
   * Short for a key of the scope `queued` with `replace` and a delay; excludes those options, `runAt` and `throttle`.
   */
  debounce?: { key: string; delayMs: number };
  /**
   * Runs at most once in each period with this key; later calls return the id of the first job. Short for a key with a
   * period; excludes the options of keys.
   */
  throttle?: { key: string; periodMs: number };
}

/** The options of a key with `debounce` and `throttle` spelled out. */
export interface UniqueKey {
  idempotencyKey: string | undefined;
  keyScope: KeyScope | null;
  periodMs: number | undefined;
  onDuplicate: OnDuplicate;
  /** The delay a debounce asks for. */
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

/** Reads the options of a key. The caller checks the values within them. Throws `InvalidJobError`. */
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
