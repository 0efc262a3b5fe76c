import type { Adapter } from "../adapters/adapter.ts";

/** What a store holds before a run. */
export interface Seed {
  /** Jobs that are due. */
  due: number;
  /** Finished jobs. Ignored for a peer that keeps no finished jobs. */
  kept?: number;
  /** Failed jobs. Only for an adapter with `seedFailed`. */
  failed?: number;
  /** Jobs that are due in 30 days. */
  future?: number;
}

/** A seeded database of one peer, for one run. A PostgreSQL store is also vacuumed and checkpointed. */
export interface Store {
  readonly url: string;
  drop(): Promise<void>;
}

/** A database server of one kind: PostgreSQL or Redis. */
export interface Server {
  /** The server's version and settings, for the report. */
  readonly description: string;
  /** Prepares and seeds an empty store for one run. */
  openStore(adapter: Adapter, seed: Seed): Promise<Store>;
  /** CPU time of the server's processes since its start, in ms. Null on a system without /proc. */
  cpuMs(): Promise<number | null>;
  stop(): Promise<void>;
}
