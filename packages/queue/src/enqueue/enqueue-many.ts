import {
  cameTooLate,
  canBegin,
  type Executor,
  executorOf,
  InvalidOptionError,
  inSavepoint,
  inTransaction,
  inTurn,
  type Queryable,
  shown,
} from "@millrace/base";
import { InvalidJobError, InvalidPayloadError, type JobProblem } from "../errors.ts";
import type { Telemetry } from "../job/telemetry.ts";
import type { EnqueueObserver } from "./enqueue-observer.ts";
import { insertOfTask } from "./enqueue-one.ts";
import type { EnqueueResult } from "./enqueue-result.ts";
import type { IdentifiedInsert } from "./insert-jobs.sql.ts";
import { inKeyOrder, insertAll, refuseDuplicates } from "./insert-with-keys.ts";
import { jobIds } from "./job-ids.ts";
import type { TaskJob } from "./job-of.ts";
import { checkJobFields, checkNewJob, ENQUEUE_FIELDS, type NewJob } from "./new-job.ts";
import { type Mark, observedMany } from "./observed.ts";
import { tracedMany } from "./traced.ts";

/** The most jobs in one statement. More jobs gain no speed, and cost memory here and in PostgreSQL. */
const CHUNK = 10_000;

/** An error names at most this many bad jobs, so that its message stays readable. */
const PROBLEMS_MAX = 10;

/** Where jobs are written: to the queue's own database, or in the caller's transaction. Who is told of the write. */
export interface EnqueueTarget {
  own: Queryable;
  tx: Queryable | undefined;
  telemetry: Telemetry | undefined;
  observer: EnqueueObserver | undefined;
}

type OneOfMany = NewJob | TaskJob;

type Jobs = Iterable<OneOfMany> | AsyncIterable<OneOfMany>;

const TASK_JOB_FIELDS: readonly string[] = ["kind", "task", "payload", ...ENQUEUE_FIELDS];

/**
 * Enqueues many jobs, all or none.
 * - An array without keys, of up to one chunk, is one statement.
 * - Any other array or iterable is written chunk by chunk in one transaction.
 * - Of an iterable, memory holds one chunk and all results.
 * - If no transaction can be begun, an array with keys is all or none only if every key is free.
 *
 * Deadlocks: keys are taken in sorted order. But a key that was taken at first, and then became free, is taken after
 * greater keys, so two calls with the same keys may deadlock. PostgreSQL then ends one of the transactions.
 * - An array in a transaction of its own is written again, up to `TRIES_MAX` times in all.
 * - An iterable cannot be read again, and the caller's transaction is the caller's to repeat. The call throws the
 *   database's error, with the SQLSTATE 40P01, and has written nothing.
 *
 * Turns in `tx`: the first chunk of an iterable is read before this call takes its turn, so any code may still enqueue
 * in `tx`. Later chunks are read within the turn, so only the iterable's own code may enqueue in `tx`.
 */
export function enqueueMany(target: EnqueueTarget, jobs: Jobs): Promise<EnqueueResult[]> {
  const { telemetry, observer } = target;
  const write = (mark?: Mark) =>
    observer?.enqueued === undefined
      ? writeMany(target, jobs, mark)
      : observedMany(observer, mark, (observed) => writeMany(target, jobs, observed));
  return telemetry === undefined ? write() : tracedMany(telemetry, write);
}

async function writeMany(
  { own, tx }: EnqueueTarget,
  jobs: Jobs,
  mark: Mark | undefined,
): Promise<EnqueueResult[]> {
  checkIterable(jobs);
  const atomically = atomicallyOn(own, tx);
  if (isArray(jobs)) {
    const inserts: IdentifiedInsert[] = [];
    for await (const chunk of checkedChunks(jobs, CHUNK, mark))
      for (const insert of chunk) inserts.push(insert);
    const isOneStatement =
      inserts.length <= CHUNK && inserts.every((insert) => insert.idempotencyKey === null);
    const mayThrow = inserts.some((insert) => insert.onDuplicate === "error");
    if (tx === undefined && (isOneStatement || (!mayThrow && atomically === null))) {
      return insertAll(executorOf(own), inserts, { commitsAtOnce: true });
    }
    if (atomically !== null) {
      const write = () => atomically((inner) => insertSorted(inner, inserts));
      return tx === undefined ? repeatingDeadlocks(write) : write();
    }
  }
  if (atomically !== null) {
    const chunks = checkedChunks(jobs, CHUNK, mark);
    const first = await chunks.next();
    return atomically((inner) => insertChunks(inner, first, chunks));
  }
  const message =
    'This queue cannot begin a transaction, which an iterable and `onDuplicate: "error"` need. ' +
    "Give a transaction as `tx`.";
  throw new InvalidOptionError("tx", { message });
}

function checkIterable(jobs: unknown): void {
  if (typeof jobs === "object" && jobs !== null) {
    if (Symbol.iterator in jobs || Symbol.asyncIterator in jobs) return;
  }
  throw new InvalidJobError("jobs", `must be an array or another iterable of jobs, got ${shown(jobs)}.`);
}

type Atomically = <T>(work: (db: Executor) => Promise<T>) => Promise<T>;

function atomicallyOn(own: Queryable, tx: Queryable | undefined): Atomically | null {
  const target = tx ?? own;
  if (canBegin(target)) return (work) => inTransaction(target, work);
  return tx === undefined ? null : (work) => inTurn(tx, () => inSavepoint(executorOf(tx), work));
}

/** How often an array is written when each try ended in a deadlock. */
const TRIES_MAX = 10;

/** Does work that is a transaction of its own again, if a deadlock ended the transaction. */
async function repeatingDeadlocks<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      // PostgreSQL found the deadlock after 1 s of waiting. The other transaction goes on meanwhile, so wait no longer.
      if (!cameTooLate(error) || tries === TRIES_MAX) throw error;
    }
  }
}

/** Inserts an array's jobs chunk by chunk in the order of their keys. Returns the results in the order of the array. */
async function insertSorted(db: Executor, inserts: readonly IdentifiedInsert[]): Promise<EnqueueResult[]> {
  const sorted = inKeyOrder(inserts);
  const results = new Map<string, EnqueueResult>();
  for (let start = 0; start < sorted.length; start += CHUNK) {
    const chunk = sorted.slice(start, start + CHUNK);
    const written = await insertAll(db, chunk, { commitsAtOnce: false });
    refuseDuplicates(chunk, written);
    for (const [index, result] of written.entries()) results.set(chunk[index]?.id ?? "", result);
  }
  return inserts.flatMap((insert) => results.get(insert.id) ?? []);
}

/** Inserts the first chunk, which has been read already, and then the other chunks. */
async function insertChunks(
  db: Executor,
  first: IteratorResult<IdentifiedInsert[], void>,
  rest: AsyncIterable<IdentifiedInsert[]>,
): Promise<EnqueueResult[]> {
  const results: EnqueueResult[] = [];
  const insert = async (inserts: readonly IdentifiedInsert[]) => {
    const written = await insertAll(db, inserts, { commitsAtOnce: false });
    refuseDuplicates(inserts, written);
    for (const result of written) results.push(result);
  };
  if (!first.done) await insert(first.value);
  for await (const inserts of rest) await insert(inserts);
  return results;
}

/**
 * Yields checked jobs in chunks. After a bad job, yields nothing more, but reads on to find further bad jobs, and then
 * throws.
 */
async function* checkedChunks(
  jobs: Jobs,
  size: number,
  mark: Mark | undefined,
): AsyncGenerator<IdentifiedInsert[], void> {
  const reader = createChunkReader(size, mark);
  if (Symbol.iterator in jobs) {
    // Awaits nothing but promises, because an `await` costs each job a turn of the microtask queue.
    for (const job of jobs) {
      const answer = reader.read(job);
      const next = answer instanceof Promise ? await answer : answer;
      if (next === "enough") break;
      if (next === "chunk") yield reader.take();
    }
  } else {
    for await (const job of jobs) {
      const next = await reader.read(job);
      if (next === "enough") break;
      if (next === "chunk") yield reader.take();
    }
  }
  const rest = reader.take();
  if (rest.length > 0) yield rest;
}

/** What the caller of `read` does next: take a full chunk, stop reading, or read on. */
type NextStep = "chunk" | "enough" | "more";

function createChunkReader(size: number, mark: Mark | undefined) {
  const problems: JobProblem[] = [];
  let chunk: IdentifiedInsert[] = [];
  let index = 0;
  const add = (checked: IdentifiedInsert | JobProblem): NextStep => {
    if ("message" in checked) problems.push(checked);
    else if (problems.length === 0) chunk.push(mark === undefined ? checked : mark(checked));
    if (problems.length > 0) return problems.length === PROBLEMS_MAX ? "enough" : "more";
    return chunk.length === size ? "chunk" : "more";
  };
  return {
    /** Checks one job. Returns `chunk` when a chunk is full, and `enough` after `PROBLEMS_MAX` bad jobs. */
    read(job: OneOfMany): NextStep | Promise<NextStep> {
      const checked = checkOne(job, index);
      index += 1;
      return checked instanceof Promise ? checked.then(add) : add(checked);
    },
    take(): IdentifiedInsert[] {
      if (problems.length > 0) throw asError(problems);
      const taken = chunk;
      chunk = [];
      return taken;
    },
  };
}

function checkOne(
  job: OneOfMany,
  index: number,
): IdentifiedInsert | JobProblem | Promise<IdentifiedInsert | JobProblem> {
  const at = `jobs[${index}]`;
  try {
    if (!isTaskJob(job)) return { id: jobIds.next(), ...checkNewJob(job, at) };
    checkJobFields(job, TASK_JOB_FIELDS, at);
    const { kind: _, ...rest } = job;
    const insert = insertOfTask(rest, at);
    return insert instanceof Promise ? insert.catch((error) => problemOf(error, index)) : insert;
  } catch (error) {
    return problemOf(error, index);
  }
}

function isTaskJob(job: OneOfMany): job is TaskJob {
  return typeof job === "object" && job !== null && "task" in job;
}

function problemOf(error: unknown, index: number): JobProblem {
  if (error instanceof InvalidJobError) return { index, field: error.field, message: error.reason };
  if (error instanceof InvalidPayloadError) {
    const message = `does not fit the schema of the task "${error.type}": ${error.problems.join("; ")}.`;
    return { index, field: `jobs[${index}].payload`, message };
  }
  throw error;
}

function asError(problems: readonly JobProblem[]): InvalidJobError {
  const [first, ...others] = problems;
  const also = others.map(({ field, message }) => `; \`${field}\` ${message.replace(/\.$/, "")}`).join("");
  const more = problems.length === PROBLEMS_MAX ? `; there may be more after these ${PROBLEMS_MAX}` : "";
  const reason = `${(first?.message ?? "").replace(/\.$/, "")}${also}${more}. Nothing was written.`;
  return new InvalidJobError(first?.field ?? "jobs", reason, { problems });
}

function isArray(jobs: Jobs): jobs is readonly OneOfMany[] {
  return Array.isArray(jobs);
}
