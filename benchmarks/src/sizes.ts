/** How many jobs, rounds and ms each case takes. */
export interface Sizes {
  name: "full" | "quick";
  /** Measured rounds, after the warm-up rounds. */
  rounds: number;
  warmUpRounds: number;
  /** How many jobs a drain has. */
  drainJobs: number;
  /** A drain ends after this time at the latest. Its rate then counts the jobs handled until its last report. */
  drainLimitMs: number;
  workerProcesses: readonly number[];
  enqueuePatternMs: number;
  latencySamples: number;
  latencyLoads: readonly ("idle" | "half")[];
  latencyLoadMs: number;
  steadyMs: number;
  keptJobs: number;
  futureJobs: number;
  handlerConcurrencies: readonly number[];
  /** How long case g takes if every slot is always busy, in ms. Case g computes its number of jobs from this. */
  handlerIdealMs: number;
  costJobs: number;
}

/** The full benchmark, for numbers to publish. Takes two to three hours. */
export const FULL: Sizes = {
  name: "full",
  rounds: 3,
  warmUpRounds: 1,
  drainJobs: 200_000,
  drainLimitMs: 30_000,
  workerProcesses: [1, 2],
  enqueuePatternMs: 5_000,
  latencySamples: 1_000,
  latencyLoads: ["idle", "half"],
  latencyLoadMs: 15_000,
  steadyMs: 60_000,
  keptJobs: 1_000_000,
  futureJobs: 1_000_000,
  handlerConcurrencies: [4, 10, 25, 50, 100, 200],
  handlerIdealMs: 2_000,
  costJobs: 100_000,
};

/** A quick benchmark of under two minutes. Shows that everything works, and the order of magnitude. */
export const QUICK: Sizes = {
  name: "quick",
  rounds: 1,
  warmUpRounds: 0,
  drainJobs: 20_000,
  drainLimitMs: 1_500,
  workerProcesses: [1],
  enqueuePatternMs: 400,
  latencySamples: 50,
  latencyLoads: ["idle"],
  latencyLoadMs: 2_000,
  steadyMs: 3_000,
  keptJobs: 10_000,
  futureJobs: 10_000,
  handlerConcurrencies: [4, 50],
  handlerIdealMs: 200,
  costJobs: 10_000,
};
