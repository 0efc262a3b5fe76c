import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** Processes that keep the machine's cores busy. */
export interface BusyLoops extends AsyncDisposable {
  readonly pids: readonly number[];
}

/**
 * Starts `count` processes that compute without a pause. The processes end when they are disposed of, and also when
 * this process ends in any way: each process watches a pipe that only this process holds.
 */
export function startBusyLoops(count: number): BusyLoops {
  const program = fileURLToPath(new URL("./busy-loop.ts", import.meta.url));
  const children = Array.from({ length: count }, () =>
    spawn(process.execPath, [program], { stdio: ["pipe", "ignore", "inherit"] }),
  );
  return {
    pids: children.flatMap((child) => child.pid ?? []),
    async [Symbol.asyncDispose]() {
      await Promise.all(
        children.map(async (child) => {
          if (child.exitCode !== null || child.signalCode !== null) return;
          const exited = once(child, "exit");
          child.kill("SIGKILL");
          await exited;
        }),
      );
    },
  };
}
