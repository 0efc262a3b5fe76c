import type { Adapter } from "./adapter.ts";
import { bullmqPostgres } from "./bullmq-postgres.ts";
import { bullmqRedis } from "./bullmq-redis.ts";
import { floor } from "./floor.ts";
import { graphileBatched, graphileDefault } from "./graphile-worker.ts";
import { millrace } from "./millrace.ts";
import { pgBoss } from "./pg-boss.ts";

const TUNED_CONCURRENCY = 500;

/** Every configuration that can be measured, in the order of the report. */
export const ADAPTERS: readonly Adapter[] = [
  millrace({
    id: "millrace",
    label: "millrace (default)",
    configuration: "createWorker({ db, tasks }): nothing set",
  }),
  millrace({
    id: "millrace-tuned",
    label: "millrace (tuned)",
    configuration: `createWorker({ db, tasks, concurrency: ${TUNED_CONCURRENCY} })`,
    concurrency: TUNED_CONCURRENCY,
  }),
  graphileBatched,
  graphileDefault,
  pgBoss,
  bullmqPostgres,
  bullmqRedis,
  floor(1),
  floor(2),
];

/** The id of the peer that the first column of ratios compares with. */
export const REFERENCE_PEER = graphileBatched.id;

/** Returns the adapter with this id. Throws an `Error` when no adapter has this id. */
export function adapterOf(id: string): Adapter {
  const adapter = ADAPTERS.find((candidate) => candidate.id === id);
  if (adapter === undefined) {
    const known = ADAPTERS.map((candidate) => candidate.id).join(", ");
    throw new Error(`There is no peer "${id}"; there are ${known}.`);
  }
  return adapter;
}
