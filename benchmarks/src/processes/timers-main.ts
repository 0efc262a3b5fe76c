import { monotonicMs } from "../monotonic-ms.ts";
import type { TimersMessage, TimersSpec } from "./count-timers.ts";

/** Counts the timers of `chains` chains, in each of which one timer is set when the one before has ended. */
async function main(): Promise<void> {
  // The boundary: the parent process wrote the argument.
  const { chains, timerMs, durationMs } = JSON.parse(process.argv[2] ?? "{}") as TimersSpec;
  let ended = 0;
  const start = monotonicMs();
  const chain = async () => {
    while (monotonicMs() < start + durationMs) {
      await new Promise((resolve) => setTimeout(resolve, timerMs));
      ended += 1;
    }
  };
  await Promise.all(Array.from({ length: chains }, chain));
  const message: TimersMessage = { kind: "timers", rate: (ended * 1_000) / (monotonicMs() - start) };
  process.send?.(message, () => process.disconnect());
}

await main();
