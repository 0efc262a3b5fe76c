import type { InTransaction } from "../job/in-transaction-option.ts";
import type { EnqueueObserver } from "./enqueue-observer.ts";
import type { EnqueueResult } from "./enqueue-result.ts";
import type { EnqueueableTask } from "./enqueueable-task.ts";
import type { TaskJob } from "./job-of.ts";
import { DEFAULT_QUEUE, type EnqueueOptions, type NewJob } from "./new-job.ts";
import type { Producer } from "./producer.ts";

type OneOfMany = NewJob | TaskJob;
type Jobs = Iterable<OneOfMany> | AsyncIterable<OneOfMany>;

/** Returns a producer that tells the observer what it has enqueued. Without an observer, returns the producer. */
export function observedProducer(producer: Producer, observer: EnqueueObserver | undefined): Producer {
  if (observer?.enqueued === undefined) return producer;
  return {
    async enqueue(
      target: string | EnqueueableTask<unknown>,
      payload?: unknown,
      options: EnqueueOptions & InTransaction = {},
    ): Promise<EnqueueResult> {
      // The cast is safe: both overloads of `enqueue` take these arguments.
      const enqueue = producer.enqueue as (...given: unknown[]) => Promise<EnqueueResult>;
      const result = await enqueue(target, payload, options);
      if (result.outcome === "enqueued") observer.enqueued?.(queueOf(target, options.queue), 1);
      return result;
    },
    async enqueueMany(jobs: Jobs, options: InTransaction = {}): Promise<EnqueueResult[]> {
      const queues: string[] = [];
      const results = await producer.enqueueMany(notingQueues(jobs, queues), options);
      for (const [queue, count] of newByQueue(queues, results)) observer.enqueued?.(queue, count);
      return results;
    },
  };
}

/** The queue of a job: the caller, the task or the default says. */
function queueOf(
  target: string | Pick<EnqueueableTask<unknown>, "queue">,
  given: string | undefined,
): string {
  return given ?? (typeof target === "string" ? undefined : target.queue) ?? DEFAULT_QUEUE;
}

/** Returns the same jobs, and writes the queue of each one into `queues` when it is read. */
function notingQueues(jobs: Jobs, queues: string[]): Jobs {
  const note = <Job extends OneOfMany>(job: Job): Job => {
    // Wrong values are passed on: the producer refuses them.
    const isObject = typeof job === "object" && job !== null;
    queues.push(isObject ? queueOf("task" in job ? job.task : job.type, job.queue) : DEFAULT_QUEUE);
    return job;
  };
  if (Array.isArray(jobs)) {
    for (const job of jobs) note(job);
    return jobs;
  }
  if (typeof jobs !== "object" || jobs === null) return jobs;
  if (Symbol.asyncIterator in jobs) return notingLater(jobs, note);
  return Symbol.iterator in jobs ? notingNow(jobs, note) : jobs;
}

function* notingNow(jobs: Iterable<OneOfMany>, note: (job: OneOfMany) => OneOfMany): Generator<OneOfMany> {
  for (const job of jobs) yield note(job);
}

async function* notingLater(
  jobs: AsyncIterable<OneOfMany>,
  note: (job: OneOfMany) => OneOfMany,
): AsyncGenerator<OneOfMany> {
  for await (const job of jobs) yield note(job);
}

/** How many of the results are new jobs, by queue. The results are in the order of the jobs. */
function newByQueue(queues: readonly string[], results: readonly EnqueueResult[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [at, { outcome }] of results.entries()) {
    const queue = queues[at];
    if (outcome === "enqueued" && queue !== undefined) counts.set(queue, (counts.get(queue) ?? 0) + 1);
  }
  return counts;
}
