import type { Clock, Executor } from "@millrace/base";
import { type Beat, startBeat } from "@millrace/base";
import { findTypesWithoutTask, type TypeWithoutTask } from "./find-types-without-task.sql.ts";
import type { WorkerEvent } from "./worker-event.ts";

/**
 * How often a worker looks for jobs that no living worker has a task for, in ms. The first look comes after the same
 * time, because workers that started together have written their rows by then.
 */
const WATCH_MS = 10_000;

/** The options of `startNoTaskWatch`. */
export interface NoTaskWatchOptions {
  db: Executor;
  clock: Clock;
  /** The queues that the worker claims from now. */
  queues(): readonly string[];
  /** The types that the worker has tasks for. */
  types: readonly string[];
  onEvent(event: Extract<WorkerEvent, { kind: "no-task" }>): void;
  onError(error: unknown): void;
}

/** Reports due jobs that no living worker has a task for, each time the set of their types in a queue changes. */
export function startNoTaskWatch({ db, clock, queues, types, onEvent, onError }: NoTaskWatchOptions): Beat {
  let told = new Map<string, string>();
  return startBeat({
    clock,
    firstMs: WATCH_MS,
    async work() {
      try {
        const found = byQueue(await findTypesWithoutTask(db, { queues: queues(), types }));
        const now = new Map(found.map((each) => [each.queue, JSON.stringify(each.types)]));
        for (const each of found) {
          if (told.get(each.queue) !== now.get(each.queue)) onEvent({ kind: "no-task", ...each });
        }
        told = now;
      } catch (error) {
        onError(error);
      }
      return WATCH_MS;
    },
  });
}

function byQueue(waiting: readonly TypeWithoutTask[]) {
  const queues = new Map<string, { queue: string; types: string[]; jobs: number }>();
  for (const { queue, type, jobs } of waiting) {
    const found = queues.get(queue) ?? { queue, types: [], jobs: 0 };
    queues.set(queue, found);
    found.types.push(type);
    found.jobs += jobs;
  }
  return [...queues.values()];
}
