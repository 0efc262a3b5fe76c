import { checkFields, fieldNames, InvalidOptionError, integerIn } from "@millrace/base";
import { checkQueueChoices, type QueueChoice } from "../claim/queue-weights.ts";

/**
 * What `worker.set` changes.
 *
 * @example
 * await worker.set({ concurrency: 50, queues: ["critical", "default"] });
 */
export interface WorkerChange {
  /** How many jobs run at a time, 1 to 1,000. */
  concurrency?: number;
  /** The queues to claim from, as in the options of `createWorker`. */
  queues?: readonly QueueChoice[];
}

const FIELDS = fieldNames<WorkerChange>({ concurrency: true, queues: true });

/** Checks a change of a worker. Throws `InvalidOptionError`. */
export function checkWorkerChange(change: WorkerChange): WorkerChange {
  checkFields("change", change, FIELDS);
  const { concurrency, queues } = change;
  if (concurrency === undefined && queues === undefined) {
    throw new InvalidOptionError("change", {
      message: "`set` changes nothing: give `concurrency`, `queues` or both.",
    });
  }
  return {
    ...(concurrency === undefined ? {} : { concurrency: checkConcurrency(concurrency) }),
    ...(queues === undefined ? {} : { queues: checkQueues(queues) }),
  };
}

/** Checks how many jobs run at a time. Throws `InvalidOptionError`. */
export function checkConcurrency(concurrency: number): number {
  return integerIn("concurrency", concurrency, [1, 1_000]);
}

/** Checks the queues to claim from. Returns each queue once. Throws `InvalidOptionError`. */
export function checkQueues(queues: readonly QueueChoice[]): QueueChoice[] {
  if (!Array.isArray(queues)) throw new InvalidOptionError("queues", "an array of queue names", queues);
  if (queues.length === 0) throw new InvalidOptionError("queues", "at least one queue name", queues);
  return checkQueueChoices(queues);
}
