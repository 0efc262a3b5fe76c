import type { BenchCase } from "./bench-case.ts";
import { cost } from "./cost.ts";
import { drain } from "./drain.ts";
import { enqueue } from "./enqueue.ts";
import { floorCase } from "./floor.ts";
import { heldSnapshot } from "./held-snapshot.ts";
import { idleMemory } from "./idle-memory.ts";
import { keptHistory } from "./kept-history.ts";
import { largePayload } from "./large-payload.ts";
import { latency } from "./latency.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { shortHandlers } from "./short-handlers.ts";
import { steadyLoad } from "./steady-load.ts";
import { waitingRuns } from "./waiting-runs.ts";

/** Every case, in the order they run. */
export const CASES: readonly BenchCase[] = [
  drain,
  enqueue,
  latency,
  steadyLoad,
  heldSnapshot,
  keptHistory,
  shortHandlers,
  cost,
  floorCase,
  waitingRuns,
  idleMemory,
  oneAtATime,
  largePayload,
];
