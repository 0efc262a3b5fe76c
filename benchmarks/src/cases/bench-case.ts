import type { Adapter } from "../adapters/adapter.ts";
import type { PostgresServer } from "../server/postgres-server.ts";
import type { Server } from "../server/store.ts";
import type { Sizes } from "../sizes.ts";

/** One number that a case measures. */
export interface Metric {
  key: string;
  label: string;
  unit: string;
  better: "higher" | "lower";
}

/** One way to run a case. `value` is the quantity that the case varies, such as processes or concurrency. */
export interface Variant {
  key: string;
  label: string;
  value: number;
}

/** The values that one run measured, by the metric's key. A metric that does not apply is absent. */
export type Measurement = Readonly<Record<string, number>>;

/** The input of one run. */
export interface RunContext {
  adapter: Adapter;
  variant: Variant;
  sizes: Sizes;
  /** The server that the adapter uses: PostgreSQL or Redis. */
  server: Server;
  postgres: PostgresServer;
  /** The drain rates measured so far: jobs/s with one worker process, by the adapter's id. */
  drainRates: Map<string, number>;
}

/** One question that the benchmark answers. */
export interface BenchCase {
  /** The letter that `--only` takes. */
  id: string;
  title: string;
  /** What the case measures, and from when to when. */
  description: string;
  metrics: readonly Metric[];
  /** Whether the report compares each variant with the first variant, peer by peer. */
  compareVariants?: boolean;
  /** Whether `--quick` runs this case. */
  quick: boolean;
  variants(sizes: Sizes): readonly Variant[];
  /** The roles of the adapters that take part. */
  roles: readonly Adapter["role"][];
  /** Says why an adapter with one of these roles takes no part; returns null when the adapter takes part. */
  skip?(adapter: Adapter, variant: Variant): string | null;
  run(context: RunContext): Promise<Measurement>;
}

/** The rate in jobs per second, which most cases measure. */
export const RATE: Metric = { key: "rate", label: "jobs/s", unit: "jobs/s", better: "higher" };

/** The roles that are queues. The floor is not a queue. */
export const QUEUES: readonly Adapter["role"][] = ["millrace", "peer"];
