import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** A scheduler that runs as a process of its own. */
export interface SchedulerProcess {
  readonly child: ChildProcess;
  /** What it wrote on standard error, where a process that dies says why. */
  errors(): string;
  /** Kills it at once, and waits until it is gone. */
  kill(): Promise<void>;
}

/** Starts a scheduler on a database, from source. */
export function startScheduler(databaseUrl: string, nodeFlags: readonly string[] = []): SchedulerProcess {
  const program = fileURLToPath(new URL("scheduler-program.ts", import.meta.url));
  const flags = ["--conditions=@millrace/source", ...nodeFlags];
  const child = spawn(process.execPath, [...flags, program, databaseUrl], {
    env: { PATH: process.env["PATH"] },
    stdio: ["pipe", "ignore", "pipe"],
  });
  let errors = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const gone = new Promise<void>((resolve) => child.once("close", () => resolve()));
  return {
    child,
    errors: () => errors,
    async kill() {
      child.kill("SIGKILL");
      await gone;
    },
  };
}
