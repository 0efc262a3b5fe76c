import { AssertionError } from "node:assert";
import { inspect } from "node:util";
import type { Queryable } from "@millrace/queue";
import { type JobTarget, jobsOfType, typeOf } from "./find-enqueued.ts";
import { checkCondition, differences, type EnqueuedJob, type JobCondition } from "./job-where.ts";
import { readTypeCounts, type TypeCount } from "./type-counts.sql.ts";

/** How many jobs an assertion's message describes. */
const DESCRIBED_MAX = 5;

/** What to expect of the jobs of a task. */
export interface Expectation<Payload> {
  target: JobTarget<Payload>;
  where: JobCondition<Payload>;
  /** How many jobs must fit. Undefined: at least one. */
  count: number | undefined;
}

/** Returns the jobs that fit, the oldest first. Throws `AssertionError` if another number of jobs fits. */
export async function expectEnqueued<Payload>(
  db: Queryable,
  expectation: Expectation<Payload>,
): Promise<EnqueuedJob<Payload>[]> {
  const { target, where, count } = expectation;
  checkCondition(where);
  // The cast is safe: a task has checked the payloads of its jobs.
  const jobs = (await jobsOfType(db, typeOf(target))) as unknown as EnqueuedJob<Payload>[];
  const compared = jobs.map((job) => ({ job, unlike: differences(job, where) }));
  const fitting = compared.filter(({ unlike }) => unlike.length === 0).map(({ job }) => job);
  if (count === undefined ? fitting.length > 0 : fitting.length === count) return fitting;
  const message = [
    headline(expectation, fitting.length),
    ...described(typeOf(target), compared),
    otherTypes(typeOf(target), await readTypeCounts(db)),
  ].join("\n");
  throw new AssertionError({
    message,
    actual: jobs.map(seen),
    expected: typeof where === "function" ? `a job that fits ${where.name || "the function"}` : where,
    operator: "expectEnqueued",
  });
}

function headline<Payload>({ target, where, count }: Expectation<Payload>, found: number): string {
  const wanted =
    typeof where === "function"
      ? " that fits the function"
      : Object.keys(where).length === 0
        ? ""
        : ` with ${inLine(where)}`;
  const type = JSON.stringify(typeOf(target));
  if (count === 0) return `Expected no job of type ${type}${wanted}, and found ${found}.`;
  const many = count === undefined ? "a job" : `${count} job${count === 1 ? "" : "s"}`;
  return `Expected ${many} of type ${type}${wanted}, and found ${found === 0 ? "none" : found}.`;
}

/** A few jobs of the type, each with the fields in which it differs. */
function described<Payload>(
  type: string,
  compared: readonly { job: EnqueuedJob<Payload>; unlike: readonly string[] }[],
): string[] {
  if (compared.length === 0) return [`There is no job of type ${JSON.stringify(type)}.`];
  const lines = compared
    .slice(0, DESCRIBED_MAX)
    .flatMap(({ job, unlike }, at) => [
      `  ${at + 1}. ${job.state} in ${job.queue}, payload ${inLine(job.payload)}`,
      ...(unlike.length === 0 ? ["     fits"] : unlike.map((line) => `     ${line}`)),
    ]);
  const more = compared.length - DESCRIBED_MAX;
  const are = compared.length === 1 ? "There is 1 job" : `There are ${compared.length} jobs`;
  return [`${are} of this type:`, ...lines, ...(more > 0 ? [`  and ${more} more`] : [])];
}

function otherTypes(type: string, counts: readonly TypeCount[]): string {
  const others = counts.filter((each) => each.type !== type);
  if (others.length === 0) return "There are no jobs of other types.";
  return `Jobs of other types: ${others.map((each) => `${each.type} (${each.jobs})`).join(", ")}.`;
}

/** What of a job a diff shows. */
function seen({ state, queue, payload, runAt }: EnqueuedJob<unknown>): object {
  return { payload, state, queue, runAt };
}

function inLine(value: unknown): string {
  const text = inspect(value, { breakLength: Number.POSITIVE_INFINITY, depth: 6 });
  return text.length <= 300 ? text : `${text.slice(0, 297)}...`;
}
