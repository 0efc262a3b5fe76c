import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll } from "vitest";
import {
  type ClaimedJob,
  createQueue,
  type EnqueueResult,
  type JsonValue,
  type Queue,
} from "../../../src/index.ts";

/** Jobs of one key on a queue of their own. */
export interface KeyedJobs {
  readonly key: string;
  /** Enqueues with `latest`. */
  enqueue(payload: JsonValue): Promise<EnqueueResult>;
  /** Claims every due job of the queue. */
  claim(): Promise<ClaimedJob[]>;
  /** Enqueues and claims a job. */
  begin(payload: JsonValue): Promise<ClaimedJob>;
}

/** The queue of a test file, and jobs of keys of their own. `pool` and `queue` are there once the tests run. */
export interface TestLatest {
  readonly pool: pg.Pool;
  readonly queue: Queue;
  keyed(): KeyedJobs;
}

/** Gives a test file a database and keys. */
export function useLatest(): TestLatest {
  const database = useTestDatabase();
  let pool: pg.Pool;
  let queue: Queue;
  beforeAll(() => {
    pool = database.pool();
    queue = createQueue(pool);
  });
  return {
    get pool() {
      return pool;
    },
    get queue() {
      return queue;
    },
    keyed: () => keyedJobs(queue, `key-${crypto.randomUUID()}`),
  };
}

function keyedJobs(queue: Queue, key: string): KeyedJobs {
  const enqueue = (payload: JsonValue) => queue.enqueue("t", payload, { queue: key, latest: { key } });
  const claim = () => queue.runs.claim({ queues: [key], workerId: "w", limit: 100, leaseSeconds: 30 });
  return {
    key,
    enqueue,
    claim,
    async begin(payload) {
      await enqueue(payload);
      const [job] = await claim();
      if (job === undefined) throw new Error("A job must be due");
      return job;
    },
  };
}
