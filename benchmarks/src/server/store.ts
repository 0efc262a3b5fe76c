import type { Adapter } from "../adapters/adapter.ts";

/** What a store holds before a run. */
export interface Seed {
  /** Jobs that are due. */
  due: number;
  /** Finished jobs; ignored for a peer that keeps none. */
  kept?: number;
  /** Jobs due in a month. */
  future?: number;
}

/** A peer's own database, seeded, vacuumed and checkpointed, for one run. */
export interface Store {
  readonly url: string;
  drop(): Promise<void>;
}

/** One kind of server, and what a run reads of it. */
export interface Server {
  /** What it is and how it is set, for the output. */
  readonly description: string;
  /** A fresh store for one run. */
  openStore(adapter: Adapter, seed: Seed): Promise<Store>;
  /** CPU time the server's processes have used since it started, in ms; null where the system does not tell. */
  cpuMs(): Promise<number | null>;
  stop(): Promise<void>;
}
