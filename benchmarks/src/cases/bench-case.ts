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

/** One way in which a case is run. `value` is what it varies: processes, concurrency. */
export interface Variant {
  key: string;
  label: string;
  value: number;
}

/** What one run measured, by the key of the metric. A metric that does not apply is absent. */
export type Measurement = Readonly<Record<string, number>>;

/** What a run is given. */
export interface RunContext {
  adapter: Adapter;
  variant: Variant;
  sizes: Sizes;
  /** The server of the adapter's kind. */
  server: Server;
  postgres: PostgresServer;
  /** Each adapter's drain rate with one worker process, in jobs/s, as far as it has been measured. */
  drainRates: Map<string, number>;
}

/** One question that the benchmark answers. */
export interface BenchCase {
  /** One letter, as `--only` names it. */
  id: string;
  title: string;
  /** What is measured, from when to when. */
  description: string;
  metrics: readonly Metric[];
  /** Whether the variants are shown against the first one, peer by peer. */
  compareVariants?: boolean;
  /** Whether `--quick` runs it. */
  quick: boolean;
  variants(sizes: Sizes): readonly Variant[];
  /** Whom the question is for. */
  roles: readonly Adapter["role"][];
  /** Why an adapter of these roles takes no part, or null. */
  skip?(adapter: Adapter): string | null;
  run(context: RunContext): Promise<Measurement>;
}

/** The metric that most cases share. */
export const RATE: Metric = { key: "rate", label: "jobs/s", unit: "jobs/s", better: "higher" };

/** Most questions are for queues: the floor is none. */
export const QUEUES: readonly Adapter["role"][] = ["millrace", "peer"];
