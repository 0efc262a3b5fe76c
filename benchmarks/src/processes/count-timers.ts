import { fileURLToPath } from "node:url";
import { askProcess } from "./ask-process.ts";

/** The first argument of the process that counts timers, as JSON. */
export interface TimersSpec {
  /** How many timers run at a time. */
  chains: number;
  timerMs: number;
  durationMs: number;
}

/** The only message of the process that counts timers. */
export interface TimersMessage {
  kind: "timers";
  /** Timers per second. */
  rate: number;
}

const PROGRAM = fileURLToPath(new URL("./timers-main.ts", import.meta.url));

/** Counts timers per second in a bare process: the most handlers that a queue can run if each one waits on a timer. */
export async function countTimers(spec: TimersSpec): Promise<number> {
  const { rate } = await askProcess<TimersMessage>(PROGRAM, spec);
  return rate;
}
