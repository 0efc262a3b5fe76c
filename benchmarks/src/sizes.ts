/** How much of everything a run measures. */
export interface Sizes {
  name: "full" | "quick";
  /** Measured rounds; the one before them, if any, is thrown away. */
  rounds: number;
  warmUpRounds: number;
  /** Jobs of a drain. */
  drainJobs: number;
  /** A drain that takes longer is cut off here, and its rate is that of the time until then. */
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
  /** Of a drain with handlers of 1 ms: how long it would take were nothing else to do. */
  handlerIdealMs: number;
  costJobs: number;
}

/** The run whose numbers are worth quoting: some hours. */
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

/** A look in under two minutes: whether everything works, and the order of magnitude. */
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
