/** How many jobs, rounds and ms a case takes. */
export interface CaseSizes {
  /** Measured rounds, after the warm-up rounds. */
  rounds: number;
  warmUpRounds: number;
  /** The ids of the peers that take part; null for all. */
  peers: readonly string[] | null;
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
  failedJobs: number;
  futureJobs: number;
  handlerConcurrencies: readonly number[];
  /** How long case g takes if every slot is always busy, in ms. Case g computes its number of jobs from this. */
  handlerIdealMs: number;
  /** How long case g counts timers without a queue, in ms. */
  timersMs: number;
  costJobs: number;
  waitingJobs: number;
  idleMs: number;
  oneAtATimeMs: number;
  largeJobs: number;
  largeBytes: number;
}

/** The sizes of all cases. */
export interface Sizes extends CaseSizes {
  name: "full" | "standard" | "quick";
  /** What is different for single cases, by the case's id. */
  perCase: Readonly<Record<string, Partial<CaseSizes>>>;
}

/** Returns the sizes of one case. */
export function sizesOf(sizes: Sizes, caseId: string): Sizes {
  return { ...sizes, ...sizes.perCase[caseId] };
}

/** Returns sizes in which `changes` hold for every case. */
export function withChanges(sizes: Sizes, changes: Partial<CaseSizes>): Sizes {
  const perCase = Object.entries(sizes.perCase).map(([id, own]) => [id, { ...own, ...changes }]);
  return { ...sizes, ...changes, perCase: Object.fromEntries(perCase) };
}

/** The full benchmark. Takes three hours. */
export const FULL: Sizes = {
  name: "full",
  rounds: 3,
  warmUpRounds: 1,
  peers: null,
  drainJobs: 200_000,
  drainLimitMs: 30_000,
  workerProcesses: [1, 2],
  enqueuePatternMs: 5_000,
  latencySamples: 1_000,
  latencyLoads: ["idle", "half"],
  latencyLoadMs: 15_000,
  steadyMs: 60_000,
  keptJobs: 1_000_000,
  failedJobs: 1_000_000,
  futureJobs: 1_000_000,
  handlerConcurrencies: [4, 10, 25, 50, 100, 200],
  handlerIdealMs: 2_000,
  timersMs: 2_000,
  costJobs: 100_000,
  waitingJobs: 10_000,
  idleMs: 5_000,
  oneAtATimeMs: 30_000,
  largeJobs: 1_000,
  largeBytes: 100_000,
  perCase: {},
};

const MILLRACE = ["millrace", "millrace-tuned"];
const POSTGRES = ["millrace", "graphile-batched"];

/**
 * The benchmark that renews docs/performance.md, in at most 20 minutes on two cores: every case, and of the peers those
 * that say something new. Rounds are not warmed up, because a median of three leaves out the first one if it is odd.
 */
export const STANDARD: Sizes = {
  ...FULL,
  name: "standard",
  warmUpRounds: 0,
  drainJobs: 100_000,
  drainLimitMs: 10_000,
  peers: POSTGRES,
  enqueuePatternMs: 1_000,
  latencySamples: 1_000,
  latencyLoadMs: 4_000,
  steadyMs: 10_000,
  handlerConcurrencies: [4, 50],
  handlerIdealMs: 1_000,
  oneAtATimeMs: 6_000,
  largeJobs: 300,
  perCase: {
    // The longer drain: the start of a process must not weigh in the figure that most readers look at.
    a: { drainJobs: 200_000, peers: [...MILLRACE, "graphile-batched", "pg-boss", "bullmq-redis"] },
    b: { peers: [...POSTGRES, "pg-boss", "bullmq-redis"] },
    c: { peers: [...POSTGRES, "pg-boss"] },
    e: { drainJobs: 200_000 },
    f: { drainJobs: 200_000 },
    g: { peers: ["millrace-tuned", "graphile-batched"] },
    // Longer for the same reason: what a process compiles in its first second is no cost of a job.
    h: { costJobs: 300_000, peers: [...MILLRACE, "graphile-batched", "pg-boss"] },
    i: { peers: ["millrace", "floor-1", "floor-2"] },
    m: { peers: [...POSTGRES, "pg-boss"] },
  },
};

/** A quick benchmark of under two minutes. Shows that everything works, and the order of magnitude. */
export const QUICK: Sizes = {
  ...FULL,
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
  failedJobs: 10_000,
  futureJobs: 10_000,
  handlerConcurrencies: [4, 50],
  handlerIdealMs: 200,
  timersMs: 500,
  costJobs: 10_000,
  waitingJobs: 1_000,
  idleMs: 1_000,
  oneAtATimeMs: 1_000,
  largeJobs: 50,
};
